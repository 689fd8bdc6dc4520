// Asks a national gateway (httpproxy) for somebody's licences, in plain Node 18 or later: no packages.
//
//   PROVINCE_SECRET=… node national.mjs http://127.0.0.1:8080 hall 91890000MT00000140
//
// A province that answers: egov_sdk.testing.server.ServedProvince(profile="national"), see docs/en/mock-province.md.

import { createDecipheriv, createHash, createHmac } from "node:crypto";

const [address, caller, holder] = process.argv.slice(2);
const appSecret = process.env.PROVINCE_SECRET;
if (!address || !caller || !holder || !appSecret) {
  console.error("PROVINCE_SECRET=… node national.mjs ADDRESS CALLER HOLDER");
  process.exit(2);
}

/** The four fields of a signed request: HMAC-SHA256 over service, caller and time in milliseconds. */
function signed(service, secret) {
  const time = String(Date.now());
  const sign = createHmac("sha256", secret).update(service + caller + time).digest("base64");
  return { gjzwfwpt_rid: caller, gjzwfwpt_sid: service, gjzwfwpt_rtime: time, gjzwfwpt_sign: sign };
}

async function post(path, headers, body) {
  const answer = await fetch(address + path, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** The session secret (会话密钥) for one service, as the gateway gives it for the long-lived one. */
async function sessionSecret(service) {
  const fields = signed(service, appSecret);
  const headers = { ...fields, "content-type": "application/json;charset=UTF-8" };
  const answer = await post("/sysapi/auth/refreshappsecret", headers, JSON.stringify(fields));
  if (String(answer.code) !== "0") throw new Error(`no session secret: ${answer.code} ${answer.message ?? ""}`);
  // AES-128-ECB under what Java's SHA1PRNG makes of the long-lived secret: weak, and what the platform asks for
  const once = createHash("sha1").update(appSecret).digest();
  const key = createHash("sha1").update(once).digest().subarray(0, 16);
  const opened = createDecipheriv("aes-128-ecb", key, null);
  return Buffer.concat([opened.update(answer.data.secret, "base64"), opened.final()]).toString("utf8");
}

/** A service behind the gateway's one address, named by its id. */
async function call(service, question) {
  const headers = { ...signed(service, await sessionSecret(service)), "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ parameter: JSON.stringify(question) }).toString();
  const answer = await post("/gateway/httpproxy", headers, body);
  if (answer.head?.status !== 0) throw new Error(`${service}: ${answer.head?.status ?? answer.code} ${answer.head?.message ?? answer.message}`);
  return answer.data;
}

const found = await call("mock-elssp-Retrieval", {
  AccountId: caller,
  AccessToken: appSecret,
  CertificateHolderCode: holder,
  CertificateHolderType: "001",
  UseFor: "办理业务",
});
for (const one of found.dataList) console.log(one.certificateNumber, one.certificateName, one.certificateHolder);
