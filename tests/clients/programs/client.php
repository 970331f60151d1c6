<?php
// As PHP programs write: bracketed forms by http_build_query, a file by CURLFile, the token in the documented header.
[, $base, $login, $password, $file] = $argv;

function call(string $method, string $url, array|string|null $body = null, array $headers = []): array
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FAILONERROR => true,
        CURLOPT_TIMEOUT => 30,
        CURLOPT_HTTPHEADER => $headers,
    ]);
    if ($body !== null) {
        curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        fwrite(STDERR, curl_error($curl) . "\n");
        exit(1);
    }
    echo $answer, "\n";
    return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
}

$token = call('POST', "$base/api/v2/auth/login", http_build_query([
    'login' => $login, 'password' => $password, 'device' => 'open_api', 'version_code' => '9.9.9',
]))['data']['user_token'];
$headers = ["Authorization: Token token=$token, device=open_api, version_code=9.9.9"];
$me = call('GET', "$base/api/v2/user/info", null, $headers)['data']['id'];

$lead = call('POST', "$base/api/v2/leads", http_build_query(['lead' => [
    'name' => '张三 & 李四＋５👍', 'company_name' => '示例科技有限公司', 'note' => null,
    'address_attributes' => ['tel' => '13400000031', 'detail_address' => '南京路1号 2=3'],
]]), $headers)['data']['id'];
call('POST', "$base/api/v2/revisit_logs", http_build_query([
    'revisit_log' => [
        'loggable_type' => 'Lead', 'loggable_id' => $lead, 'content' => "报价100%\n明天再谈", 'remind_at' => '2030-02-28 09:30',
    ],
    'at_user_ids' => [$me],
]), $headers);

$ticket = call('GET', "$base/api/v2/qiniu/auth/upload_token?policy=audio2mp3", null, $headers);
$audio = call('POST', $ticket['upload_url'], [
    'token' => $ticket['uptoken'], 'x:attachment_type' => 'audio', 'file' => new CURLFile($file, 'audio/wav', '录音 1.wav'),
])['id'];
$call = call('POST', "$base/api/v2/dial_logs", http_build_query(['dial_log' => [
    'call_id' => 'php-1', 'caller_type' => 'Lead', 'caller_id' => $lead, 'number' => '13400000031', 'dial_type' => 'outgoing',
    'talk_time' => '0', 'is_connected' => 'false',
], 'audio_ids' => ['0']]), $headers)['data']['dial_log']['id'];
call('PUT', "$base/api/v2/dial_logs/$call", http_build_query(['dial_log' => [
    'call_id' => 'php-1', 'talk_time' => '61', 'is_connected' => true,
], 'audio_ids' => [$audio]]), $headers);

call('PUT', "$base/api/v2/leads/$lead", http_build_query(['lead' => ['company_name' => '示例集团']]), $headers);
call('GET', "$base/api/v2/leads?" . http_build_query([
    'created_at' => ['2020-01-01', '2099-12-31'], 'query' => '李四＋', 'sort' => 'created_at', 'order' => 'desc',
]), null, $headers);
call('GET', "$base/api/v2/leads/$lead/sales_activities?page=1", null, $headers);
call('DELETE', "$base/api/v2/leads/$lead", null, $headers);
call('GET', "$base/api/v2/leads/$lead/sales_activities?page=1", null, $headers);
