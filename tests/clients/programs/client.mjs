// As JavaScript programs write: fetch with JSON, FormData and URLSearchParams, the headers of the new gateway.
import { readFileSync } from "node:fs";

const [base, login, password, file] = process.argv.slice(2);

async function call(method, url, { body, headers = {}, ...rest } = {}) {
  const answer = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(30_000), ...rest });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`);
  const told = await answer.json();
  console.log(JSON.stringify(told));
  return told;
}
const json = (body) => ({
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", Accept: "application/json", ...signed },
});
const form = (pairs) => ({ body: new URLSearchParams(pairs), headers: signed });

let signed = {};
const credentials = { login, password, device: "open_api", version_code: "9.9.9" };
const token = (await call("POST", `${base}/api/v2/auth/login`, json(credentials))).data.user_token;
signed = { "X-LXY-PLATFORM": "lixiaoyun", "X-LXY-APP": "crm", "access-token": token };
const me = (await call("GET", `${base}/api/v2/user/info`, { headers: signed })).data.id;

const address_attributes = { tel: "13400000031", detail_address: "南京路1号 2=3" };
const given = { name: "张三 & 李四＋５👍", company_name: "示例科技有限公司", note: null, address_attributes };
const lead = (await call("POST", `${base}/api/v2/leads`, json({ lead: given }))).data.id;
await call("POST", `${base}/api/v2/revisit_logs`, form([
  ["revisit_log[loggable_type]", "Lead"],
  ["revisit_log[loggable_id]", lead],
  ["revisit_log[content]", "报价100%\n明天再谈"],
  ["revisit_log[remind_at]", "2030-02-28 09:30"],
  ["at_user_ids[]", me],
]));

const ticket = await call("GET", `${base}/api/v2/qiniu/auth/upload_token?policy=audio2mp3`, { headers: signed });
const parts = new FormData();
parts.append("token", ticket.uptoken);
parts.append("x:attachment_type", "audio");
parts.append("file", new Blob([readFileSync(file)], { type: "audio/wav" }), "录音 1.wav");
const audio = (await call("POST", ticket.upload_url, { body: parts })).id;
const dialled = {
  call_id: "javascript-1", caller_type: "Lead", caller_id: lead, number: "13400000031", dial_type: "outgoing",
  talk_time: "0", is_connected: "false",
};
const { dial_log } = (await call("POST", `${base}/api/v2/dial_logs`, json({ dial_log: dialled, audio_ids: ["0"] }))).data;
const over = { call_id: "javascript-1", talk_time: "61", is_connected: "true" };
await call("PUT", `${base}/api/v2/dial_logs/${dial_log.id}`, json({ dial_log: over, audio_ids: [audio] }));

await call("PUT", `${base}/api/v2/leads/${lead}`, json({ lead: { id: lead, company_name: "示例集团" } }));
const asked = new URLSearchParams([
  ["created_at[]", "2020-01-01"], ["created_at[]", "2099-12-31"], ["query", "李四＋"], ["sort", "created_at"], ["order", "desc"],
]);
await call("GET", `${base}/api/v2/leads?${asked}`, { headers: signed });
await call("GET", `${base}/api/v2/leads/${lead}/sales_activities?page=1`, { headers: signed });
await call("DELETE", `${base}/api/v2/leads/${lead}`, { headers: signed });
await call("GET", `${base}/api/v2/leads/${lead}/sales_activities?page=1`, { headers: signed });
