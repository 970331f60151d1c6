import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As Java programs write: HttpURLConnection, percent-encoded forms, a multipart body put together by hand and sent in chunks. */
public class Client {
    static final PrintStream OUT = new PrintStream(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
    static String token = "";

    static String call(String method, String url, String type, byte[] body) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
        connection.setRequestMethod(method);
        connection.setReadTimeout(30_000);
        if (!token.isEmpty()) {
            String parts = "Token token=\"" + token + "\",device=\"open_api\",version_code=\"9.9.9\"";
            connection.setRequestProperty("Authorization", parts);
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", type);
            if (type.startsWith("multipart/")) {
                connection.setChunkedStreamingMode(4096);
            }
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        try (InputStream in = connection.getInputStream()) {
            String answer = new String(in.readAllBytes(), "UTF-8");
            OUT.println(answer);
            return answer;
        }
    }

    static String form(String method, String url, String... pairs) throws Exception {
        return call(method, url, "application/x-www-form-urlencoded; charset=UTF-8", encoded(pairs).getBytes("UTF-8"));
    }

    static String encoded(String... pairs) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < pairs.length; n += 2) {
            text.append(n == 0 ? "" : "&").append(URLEncoder.encode(pairs[n], "UTF-8"));
            text.append("=").append(URLEncoder.encode(pairs[n + 1], "UTF-8"));
        }
        return text.toString();
    }

    static String value(String answer, String key) {
        Matcher found = Pattern.compile("\"" + key + "\":\"?([^\",}]+)").matcher(answer);
        found.find();
        return found.group(1);
    }

    static byte[] multipart(String ticket, Path file) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String field = "--gjBoundary\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n";
        body.write(String.format(field, "token", ticket).getBytes("UTF-8"));
        body.write(String.format(field, "x:attachment_type", "audio").getBytes("UTF-8"));
        String head = "--gjBoundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"录音 1.wav\"\r\n";
        body.write((head + "Content-Type: audio/wav\r\n\r\n").getBytes("UTF-8"));
        body.write(Files.readAllBytes(file));
        body.write("\r\n--gjBoundary--\r\n".getBytes("UTF-8"));
        return body.toByteArray();
    }

    public static void main(String[] told) throws Exception {
        String api = told[0] + "/api/v2";
        String signedIn = form("POST", api + "/auth/login", "login", told[1], "password", told[2], "device", "open_api");
        token = value(signedIn, "user_token");
        String me = value(call("GET", api + "/user/info", null, null), "id");

        String lead = value(form("POST", api + "/leads",
            "lead[name]", "张三 & 李四＋５👍", "lead[company_name]", "示例科技有限公司", "lead[note]", "",
            "lead[address_attributes][tel]", "13400000031",
            "lead[address_attributes][detail_address]", "南京路1号 2=3"), "id");
        form("POST", api + "/revisit_logs",
            "revisit_log[loggable_type]", "Lead", "revisit_log[loggable_id]", lead,
            "revisit_log[content]", "报价100%\n明天再谈", "revisit_log[remind_at]", "2030-02-28 09:30:00",
            "at_user_ids[]", me);

        String ticket = call("GET", api + "/qiniu/auth/upload_token?policy=audio2mp3", null, null);
        byte[] parts = multipart(value(ticket, "uptoken"), Path.of(told[3]));
        String uploaded = call("POST", value(ticket, "upload_url"), "multipart/form-data; boundary=gjBoundary", parts);
        String log = value(form("POST", api + "/dial_logs",
            "dial_log[call_id]", "java-1", "dial_log[caller_type]", "Lead", "dial_log[caller_id]", lead,
            "dial_log[number]", "13400000031", "dial_log[dial_type]", "outgoing",
            "dial_log[talk_time]", "0", "dial_log[is_connected]", "false", "audio_ids[0]", "0"), "id");
        form("PUT", api + "/dial_logs/" + log,
            "dial_log[call_id]", "java-1", "dial_log[talk_time]", "61", "dial_log[is_connected]", "true",
            "audio_ids[0]", value(uploaded, "id"));

        byte[] json = "{\"lead\": {\"company_name\": \"示例集团\"}}".getBytes("UTF-8");
        call("PUT", api + "/leads/" + lead, "application/json", json);
        call("GET", api + "/leads?" + encoded(
            "created_at[]", "2020-01-01", "created_at[]", "2099-12-31", "query", "李四＋", "sort", "created_at", "order", "desc"),
            null, null);
        call("GET", api + "/leads/" + lead + "/sales_activities?page=1", null, null);
        call("DELETE", api + "/leads/" + lead, null, null);
        call("GET", api + "/leads/" + lead + "/sales_activities?page=1", null, null);
    }
}
