"""As Python programs write: requests, forms and JSON in turn, the token as parameters of the old form."""

import sys
from pathlib import Path
from typing import Any

import requests

base, login, password, file = sys.argv[1:]
session = requests.Session()


def call(method: str, url: str, **rest: Any) -> Any:
    """Ask, print the answer on a line, and return it. An HTTP status of an error ends the program."""
    answer = session.request(method, url, timeout=30, **rest)
    answer.raise_for_status()
    sys.stdout.write(f"{answer.text}\n")
    return answer.json()


credentials = {"login": login, "password": password, "device": "open_api"}
token = call("POST", f"{base}/api/v2/auth/login", json=credentials)["data"]["user_token"]
signed = {"user_token": token, "device": "open_api", "version_code": "9.9.9"}
me = call("GET", f"{base}/api/v2/user/info", params=signed)["data"]["id"]

given = {
    "lead[name]": "张三 & 李四＋５👍",
    "lead[company_name]": "示例科技有限公司",
    "lead[note]": None,
    "lead[address_attributes][tel]": "13400000031",
    "lead[address_attributes][detail_address]": "南京路1号 2=3",
}
lead = call("POST", f"{base}/api/v2/leads", data=signed | given)["data"]["id"]
written = {
    "loggable_type": "Lead",
    "loggable_id": str(lead),
    "content": "报价100%\n明天再谈",
    "remind_at": "2030-02-28 09:30",
}
call("POST", f"{base}/api/v2/revisit_logs", json=signed | {"revisit_log": written, "at_user_ids": [str(me)]})

ticket = call("GET", f"{base}/api/v2/qiniu/auth/upload_token", params=signed | {"policy": "audio2mp3"})
parts = {"file": ("录音 1.wav", Path(file).read_bytes(), "audio/wav")}
variables = {"token": ticket["uptoken"], "x:attachment_type": "audio"}
audio = call("POST", ticket["upload_url"], data=variables, files=parts)["id"]
dialled = {
    "dial_log[call_id]": "python-1",
    "dial_log[caller_type]": "Lead",
    "dial_log[caller_id]": lead,
    "dial_log[number]": "13400000031",
    "dial_log[dial_type]": "outgoing",
    "dial_log[talk_time]": "0",
    "dial_log[is_connected]": False,
    "audio_ids[]": ["0"],
}
log = call("POST", f"{base}/api/v2/dial_logs", data=signed | dialled)["data"]["dial_log"]["id"]
over = {"call_id": "python-1", "talk_time": 61, "is_connected": True}
call("PUT", f"{base}/api/v2/dial_logs/{log}", json=signed | {"dial_log": over, "audio_ids": [audio]})

call("PUT", f"{base}/api/v2/leads/{lead}", params=signed, json={"lead": {"company_name": "示例集团"}})
asked = {"created_at[]": ["2020-01-01", "2099-12-31"], "query": "李四＋", "sort": "created_at", "order": "desc"}
call("GET", f"{base}/api/v2/leads", params=signed | asked)
call("GET", f"{base}/api/v2/leads/{lead}/sales_activities", params=signed | {"page": 1})
call("DELETE", f"{base}/api/v2/leads/{lead}", params=signed)
call("GET", f"{base}/api/v2/leads/{lead}/sales_activities", params=signed | {"page": 1})
