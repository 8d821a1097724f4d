/** How programs say who calls: an app code, a token for an access key, or a signature with it; each in three languages. */

/** They stand for what is shown once only, when it is made. */
export const KEY = "YOUR-APP-CODE";
export const ACCESS = "YOUR-ACCESS-KEY";
export const SECRET = "YOUR-SECRET-KEY";
const APP = "X-Apig-AppCode";
const TOKEN = "X-Auth-Token";

/** What a call carries. */
export const header = {
  code: { curl: [`-H '${APP}: ${KEY}'`], python: `headers={"${APP}": "${KEY}"}`, javascript: `"${APP}": "${KEY}"` },
  token: { curl: [`-H "${TOKEN}: $TOKEN"`], python: `headers={"${TOKEN}": token}`, javascript: `"${TOKEN}": token` },
  signed: {
    curl: ['-H "X-Sdk-Date: $DATE"', "-H 'X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD'", '-H "Authorization: SDK-HMAC-SHA256 Access=$ACCESS, SignedHeaders=$NAMES, Signature=$SIGNATURE"'],
    python: "auth=sign", javascript: "...sign(address)",
  },
};

const asked = (access: string, secret: string) => ({ auth: { identity: { methods: ["hw_ak_sk"], hw_ak_sk: { access: { key: access }, secret: { key: secret } } } } });
const doorOf = (address: string) => `${new URL(address).origin}/v3/auth/tokens`;

/** A token is good for 24 hours: programs that call more than once keep it. */
export const tokens = {
  curl: (address: string) => `TOKEN=$(curl -s -o /dev/null -D - '${doorOf(address)}' \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(asked(ACCESS, SECRET))}' \\
  | tr -d '\\r' | awk 'tolower($1) == "x-subject-token:" { print $2 }')

`,
  python: (address: string) => `import requests

key = {"access": {"key": "${ACCESS}"}, "secret": {"key": "${SECRET}"}}
signed_in = requests.post(
    "${doorOf(address)}",
    json={"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": key}}},
    timeout=60,
)
signed_in.raise_for_status()
token = signed_in.headers["X-Subject-Token"]  # for 24 hours
`,
  javascript: (address: string) => `const key = { access: { key: "${ACCESS}" }, secret: { key: "${SECRET}" } };
const signedIn = await fetch("${doorOf(address)}", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ auth: { identity: { methods: ["hw_ak_sk"], hw_ak_sk: key } } }),
});
if (!signedIn.ok) throw new Error(await signedIn.text());
const token = signedIn.headers.get("X-Subject-Token"); // for 24 hours
`,
};

/** The API gateway's SDK-HMAC-SHA256; the body is left out of it, so that any may be sent. */
export const signing = {
  curl: (address: string) => {
    const { host, pathname } = new URL(address);
    return `ACCESS='${ACCESS}' SECRET='${SECRET}'
DATE=$(date -u +%Y%m%dT%H%M%SZ)
NAMES='host;x-sdk-content-sha256;x-sdk-date'
hash() { openssl dgst -sha256 -hex "$@" | sed 's/^.* //'; }
REQUEST=$(printf 'POST\\n%s\\n\\nhost:%s\\nx-sdk-content-sha256:UNSIGNED-PAYLOAD\\nx-sdk-date:%s\\n\\n%s\\nUNSIGNED-PAYLOAD' \\
  '${pathname.replace(/\/*$/, "/")}' '${host}' "$DATE" "$NAMES" | hash)
SIGNATURE=$(printf 'SDK-HMAC-SHA256\\n%s\\n%s' "$DATE" "$REQUEST" | hash -hmac "$SECRET")

`;
  },
  python: `import hashlib
import hmac
import time
from urllib.parse import urlsplit

import requests

ACCESS, SECRET = "${ACCESS}", "${SECRET}"


def sign(request):
    address = urlsplit(request.url)
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {"host": address.netloc, "x-sdk-content-sha256": "UNSIGNED-PAYLOAD", "x-sdk-date": date}
    names, lines = ";".join(headers), [f"{name}:{value}" for name, value in headers.items()]
    said = "\\n".join(["POST", address.path.rstrip("/") + "/", "", *lines, "", names, "UNSIGNED-PAYLOAD"])
    text = "\\n".join(["SDK-HMAC-SHA256", date, hashlib.sha256(said.encode()).hexdigest()])
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    proof = f"SDK-HMAC-SHA256 Access={ACCESS}, SignedHeaders={names}, Signature={signature}"
    request.headers.update(headers, Authorization=proof)
    return request

`,
  javascript: `const [access, secret] = ["${ACCESS}", "${SECRET}"];

function sign(address) {
  const { host, pathname } = new URL(address);
  const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, "");
  const headers = { host, "x-sdk-content-sha256": "UNSIGNED-PAYLOAD", "x-sdk-date": date };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => name + ":" + value);
  const said = ["POST", pathname.replace(/\\/*$/, "/"), "", ...lines, "", names, "UNSIGNED-PAYLOAD"].join("\\n");
  const text = ["SDK-HMAC-SHA256", date, createHash("sha256").update(said).digest("hex")].join("\\n");
  const signature = createHmac("sha256", secret).update(text).digest("hex");
  const { host: own, ...sent } = headers; // fetch sets the host itself
  return { ...sent, Authorization: \`SDK-HMAC-SHA256 Access=\${access}, SignedHeaders=\${names}, Signature=\${signature}\` };
}
`,
};
