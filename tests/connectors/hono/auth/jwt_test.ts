/** Tokens by the clock of the app, keys by URL, and algorithms that are mixed up. */
import { describe, it } from "node:test";
import { sign } from "hono/jwt";
import { assertEquals, assertRejects } from "@std/assert";
import { type JwtAlgorithm, type JwtOptions, JwtVerifier } from "../../../../connectors/hono/auth/jwt.ts";
import { AccessError, ManualClock } from "../../../../mod.ts";

const START_MS = 1_700_000_000_000;
const START_S = START_MS / 1000;

interface Pair {
  readonly privateKey: JsonWebKey & { kid: string; alg: string };
  readonly publicKey: JsonWebKey & { kid: string; alg?: string };
  readonly pem: string;
}

async function rsaPair(kid: string): Promise<Pair> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: "SHA-256",
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { key_ops: _, ...publicJwk } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const { key_ops: __, ...privateJwk } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const base64 = btoa(String.fromCharCode(...spki)).replace(/.{64}/g, "$&\n");
  return {
    publicKey: { ...publicJwk, kid, alg: "RS256" },
    privateKey: { ...privateJwk, kid, alg: "RS256" },
    pem: `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----`,
  };
}

const first = await rsaPair("first");
const second = await rsaPair("second");

function verifier(options: JwtOptions, clock = new ManualClock(START_MS)) {
  return { clock, jwt: new JwtVerifier(options, clock) };
}

async function refuses(jwt: JwtVerifier, token: string, includes = "The token is refused"): Promise<void> {
  const error = await assertRejects(() => jwt.principalOf(token), AccessError, includes);
  assertEquals(error.code, "unauthenticated");
}

const CLAIMS = { sub: "s", exp: START_S + 60, roles: ["read"] };

describe("JwtVerifier", () => {
  it("checks times by its clock, also of tokens that it has seen", async () => {
    const { jwt, clock } = verifier({ keys: [{ algorithm: "HS256", key: "k" }], leewayS: 0 });
    const token = await sign({ ...CLAIMS, nbf: START_S + 10 }, "k");
    await refuses(jwt, token, "not valid yet");
    clock.advance(10_000);
    assertEquals((await jwt.principalOf(token)).subject, "s");
    clock.advance(50_000);
    await refuses(jwt, token, "expired");
  });

  it("allows clocks to differ by the leeway", async () => {
    const { jwt, clock } = verifier({ keys: [{ algorithm: "HS256", key: "k" }], leewayS: 30 });
    const token = await sign(CLAIMS, "k");
    clock.advance(89_000);
    await jwt.principalOf(token);
    clock.advance(1_000);
    await refuses(jwt, token);
  });

  it("ends sessions by their age, whatever the token says", async () => {
    const { jwt, clock } = verifier({ keys: [{ algorithm: "HS256", key: "k" }], leewayS: 0, maxAgeS: 20 });
    const token = await sign({ ...CLAIMS, iat: START_S }, "k");
    await jwt.principalOf(token);
    clock.advance(20_000);
    await refuses(jwt, token, "older than 20 s");
    await refuses(jwt, await sign(CLAIMS, "k"), "does not say how old");
  });

  it("takes RS256 by PEM and by JWK", async () => {
    const token = await sign(CLAIMS, first.privateKey, "RS256");
    for (const key of [first.pem, first.publicKey]) {
      const { jwt } = verifier({ keys: [{ algorithm: "RS256", key }] });
      assertEquals((await jwt.principalOf(token)).roles, ["read"]);
    }
    const { jwt } = verifier({ keys: [{ algorithm: "RS256", key: second.pem }] });
    await refuses(jwt, token, "signature");
  });

  it("refuses an HMAC made with the public key", async () => {
    for (const algorithm of ["HS256", "HS384", "HS512"] as const) {
      const token = await sign({ ...CLAIMS, roles: ["admin"] }, first.pem, algorithm);
      const { jwt } = verifier({ keys: [{ algorithm: "RS256", key: first.pem }] });
      await refuses(jwt, token, "no key");
    }
  });

  it("takes only keys of the kid that a token names", async () => {
    const keys = [{ algorithm: "HS256" as JwtAlgorithm, key: "k", kid: "other" }];
    await refuses(verifier({ keys }).jwt, await sign(CLAIMS, "k"), "no key");
  });

  it("makes principals as told", async () => {
    const { jwt } = verifier({
      keys: [{ algorithm: "HS256", key: "k" }],
      principal: (claims) => ({ subject: String(claims["email"]), tenant: "t", roles: [], claims }),
    });
    const principal = await jwt.principalOf(await sign({ email: "a@b.example" }, "k"));
    assertEquals([principal.subject, principal.tenant], ["a@b.example", "t"]);
  });
});

describe("JWKS", () => {
  function served(...sets: readonly (readonly JsonWebKey[] | "down")[]) {
    const state = { calls: 0 };
    const fetch = (): Promise<Response> => {
      const set = sets[Math.min(state.calls++, sets.length - 1)]!;
      return Promise.resolve(
        set === "down" ? new Response("", { status: 503 }) : Response.json({ keys: set }),
      );
    };
    return { state, ...verifier({ jwks: { url: "https://issuer.example/jwks", fetch } }) };
  }

  const token = (pair: Pair) => sign({ ...CLAIMS, exp: START_S + 86_400 }, pair.privateKey, "RS256");

  it("is fetched once and kept", async () => {
    const { jwt, state, clock } = served([first.publicKey]);
    const principals = await Promise.all(
      [token(first), token(first)].map(async (t) => jwt.principalOf(await t)),
    );
    assertEquals([principals.length, state.calls], [2, 1]);
    clock.advance(11 * 60_000);
    const later = await sign({ ...CLAIMS, exp: START_S + 90_000 }, first.privateKey, "RS256");
    await jwt.principalOf(later);
    assertEquals(state.calls, 2);
  });

  it("finds rotated keys, and is not flooded by invented ones", async () => {
    const { jwt, state, clock } = served([first.publicKey], [first.publicKey, second.publicKey]);
    await jwt.principalOf(await token(first));
    await refuses(jwt, await token(second), "no key");
    assertEquals(state.calls, 1);
    clock.advance(60_000);
    await jwt.principalOf(await token(second));
    assertEquals(state.calls, 2);
  });

  it("goes on with the keys at hand when the issuer is down, and refuses without any", async () => {
    const { jwt, clock } = served([first.publicKey], "down");
    await jwt.principalOf(await token(first));
    clock.advance(11 * 60_000);
    await jwt.principalOf(await sign({ ...CLAIMS, exp: START_S + 90_000 }, first.privateKey, "RS256"));
    await refuses(served("down").jwt, await token(first), "not available");
  });

  it("takes no shared secrets and no keys for encryption", async () => {
    const secret = { kty: "oct", k: btoa("k"), kid: "first", alg: "HS256" };
    await refuses(served([secret]).jwt, await sign(CLAIMS, "k"), "no key");
    await refuses(served([{ ...first.publicKey, use: "enc" }]).jwt, await token(first), "no key");
  });
});
