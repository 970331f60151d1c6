using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

/// As C# programs write: HttpWebRequest, which asks to be told to continue before it sends a body, and HttpClient for the file.
public static class Client
{
    static string token = "";

    static string Call(string method, string url, string type = null, string body = null)
    {
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Method = method;
        request.Timeout = 30000;
        request.AutomaticDecompression = DecompressionMethods.GZip;
        if (token != "")
        {
            request.Headers["Authorization"] = "Token token=" + token + ",device=open_api,version_code=9.9.9";
        }
        if (body != null)
        {
            request.ServicePoint.Expect100Continue = true;
            var bytes = Encoding.UTF8.GetBytes(body);
            request.ContentType = type;
            request.ContentLength = bytes.Length;
            using (var stream = request.GetRequestStream())
            {
                stream.Write(bytes, 0, bytes.Length);
            }
        }
        using (var response = request.GetResponse())
        using (var reader = new StreamReader(response.GetResponseStream(), Encoding.UTF8))
        {
            return Told(reader.ReadToEnd());
        }
    }

    static string Told(string answer)
    {
        var output = Console.OpenStandardOutput();
        var line = Encoding.UTF8.GetBytes(answer + "\n");
        output.Write(line, 0, line.Length);
        return answer;
    }

    static string Form(string method, string url, params string[] pairs)
    {
        return Call(method, url, "application/x-www-form-urlencoded", Encoded(pairs));
    }

    static string Encoded(params string[] pairs)
    {
        var each = Enumerable.Range(0, pairs.Length / 2)
            .Select(n => Uri.EscapeDataString(pairs[2 * n]) + "=" + Uri.EscapeDataString(pairs[2 * n + 1]));
        return string.Join("&", each);
    }

    static string Json(string method, string url, string body)
    {
        return Call(method, url, "application/json; charset=utf-8", body);
    }

    static string Upload(string url, string ticket, string file)
    {
        using (var client = new HttpClient())
        using (var parts = new MultipartFormDataContent())
        {
            parts.Add(new StringContent(ticket), "token");
            parts.Add(new StringContent("audio"), "x:attachment_type");
            var content = new ByteArrayContent(File.ReadAllBytes(file));
            content.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
            parts.Add(content, "file", "录音 1.wav");
            var answer = client.PostAsync(url, parts).Result.EnsureSuccessStatusCode();
            return Told(answer.Content.ReadAsStringAsync().Result);
        }
    }

    static string Value(string answer, string key)
    {
        return Regex.Match(answer, "\"" + key + "\":\"?([^\",}]+)").Groups[1].Value;
    }

    public static void Main(string[] told)
    {
        var api = told[0] + "/api/v2";
        var credentials = "{\"login\":\"" + told[1] + "\",\"password\":\"" + told[2] + "\",\"device\":\"open_api\"}";
        token = Value(Json("POST", api + "/auth/login", credentials), "user_token");
        var me = Value(Call("GET", api + "/user/info"), "id");

        var lead = Value(Form("POST", api + "/leads",
            "lead[name]", "张三 & 李四＋５👍", "lead[company_name]", "示例科技有限公司", "lead[note]", "",
            "lead[address_attributes][tel]", "13400000031",
            "lead[address_attributes][detail_address]", "南京路1号 2=3"), "id");
        Json("POST", api + "/revisit_logs", "{\"revisit_log\":{\"loggable_type\":\"Lead\",\"loggable_id\":" + lead
            + ",\"content\":\"报价100%\\n明天再谈\",\"remind_at\":\"2030-02-28T09:30:00\"},\"at_user_ids\":[" + me + "]}");

        var ticket = Call("GET", api + "/qiniu/auth/upload_token?policy=audio2mp3");
        var audio = Value(Upload(Value(ticket, "upload_url"), Value(ticket, "uptoken"), told[3]), "id");
        var log = Value(Form("POST", api + "/dial_logs",
            "dial_log[call_id]", "csharp-1", "dial_log[caller_type]", "Lead", "dial_log[caller_id]", lead,
            "dial_log[number]", "13400000031", "dial_log[dial_type]", "outgoing",
            "dial_log[talk_time]", "0", "dial_log[is_connected]", "False", "audio_ids[]", "0"), "id");
        Form("PUT", api + "/dial_logs/" + log,
            "dial_log[call_id]", "csharp-1", "dial_log[talk_time]", "61", "dial_log[is_connected]", "True",
            "audio_ids[]", audio);

        Json("PUT", api + "/leads/" + lead, "{\"lead\":{\"company_name\":\"示例集团\"}}");
        Call("GET", api + "/leads?" + Encoded(
            "created_at[]", "2020-01-01", "created_at[]", "2099-12-31", "query", "李四＋", "sort", "created_at", "order", "desc"));
        Call("GET", api + "/leads/" + lead + "/sales_activities?page=1");
        Call("DELETE", api + "/leads/" + lead);
        Call("GET", api + "/leads/" + lead + "/sales_activities?page=1");
    }
}
