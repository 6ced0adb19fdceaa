/**
 * Who may do what: API keys, tokens, and everything that is no credential.
 *
 * @module
 */
import { sign } from "hono/jwt";
import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../../../mod.ts";
import { as, type ConformanceCase, type Fetch, JWT_SECRET, post, problemIn } from "./fixture.ts";

const now = (): number => Math.floor(systemClock.now() / 1000);

const claims = (more: Readonly<Record<string, unknown>> = {}) => ({
  sub: "someone",
  iss: "suite",
  aud: "liveview",
  exp: now() + 600,
  ...more,
});

const WHO = "/v1/greetings/x";

async function withToken(fetch: Fetch, token: string): Promise<Response> {
  return await fetch(WHO, { headers: { authorization: `Bearer ${token}` } });
}

async function refused(fetch: Fetch, token: string, status = 401): Promise<void> {
  const answer = await withToken(fetch, token);
  const challenge = answer.headers.get("www-authenticate");
  assertEquals((await problemIn(answer)).status, status, token);
  if (status === 401) assertEquals(challenge, 'Bearer error="invalid_token"');
}

const part = (value: unknown): string =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** See the module header. */
export const accessCases: readonly ConformanceCase[] = [
  {
    name: "knows the holder of an API key, and nobody by another",
    run: async (fetch) => {
      const answer = await fetch(WHO, { headers: as("write") });
      assertEquals((await answer.json()).by, "holder of key-of-writer");
      const scheme = await fetch(WHO, { headers: { authorization: "ApiKey key-of-writer" } });
      assertEquals((await scheme.json()).by, "holder of key-of-writer");
      for (const key of ["key-of-write", "key-of-writer2", "x".repeat(5_000)]) {
        assertEquals(
          (await problemIn(await fetch("/v1/query?sql=SELECT%201", { headers: { "x-api-key": key } })))
            .status,
          401,
        );
      }
    },
  },
  {
    name: "takes tokens that are signed, in time and for us",
    run: async (fetch) => {
      const token = await sign(claims({ roles: ["write"], tenant: "acme" }), JWT_SECRET);
      assertEquals(await (await withToken(fetch, token)).json(), {
        hello: "x",
        by: "someone",
        tenant: "acme",
      });
      const scoped = await sign(claims({ scope: "read write" }), JWT_SECRET);
      assertEquals((await withToken(fetch, scoped)).status, 200);
      const audiences = await sign(claims({ roles: ["admin"], aud: ["other", "liveview"] }), JWT_SECRET);
      assertEquals((await withToken(fetch, audiences)).status, 200);
      await refused(fetch, await sign(claims(), JWT_SECRET), 403);
    },
  },
  {
    name: "refuses tokens that are expired, early, from elsewhere or for others",
    run: async (fetch) => {
      const roles = ["write"];
      await refused(fetch, await sign(claims({ roles, exp: now() - 60 }), JWT_SECRET));
      await refused(fetch, await sign(claims({ roles, nbf: now() + 60 }), JWT_SECRET));
      await refused(fetch, await sign(claims({ roles, iat: now() + 60 }), JWT_SECRET));
      await refused(fetch, await sign(claims({ roles, exp: "tomorrow" }) as never, JWT_SECRET));
      await refused(fetch, await sign(claims({ roles, iss: "elsewhere" }), JWT_SECRET));
      await refused(fetch, await sign(claims({ roles, aud: "others" }), JWT_SECRET));
      await refused(fetch, await sign({ sub: "x", roles }, JWT_SECRET));
    },
  },
  {
    name: "refuses tokens that are forged, unsigned, of another algorithm, or no tokens",
    run: async (fetch) => {
      const roles = ["admin"];
      const good = await sign(claims({ roles }), JWT_SECRET);
      await refused(fetch, await sign(claims({ roles }), "another secret"));
      await refused(fetch, await sign(claims({ roles }), JWT_SECRET, "HS512"));
      for (const alg of ["none", "None", "", "HS256 ", "RS256", "constructor", "__proto__"]) {
        await refused(fetch, `${part({ alg, typ: "JWT" })}.${part(claims({ roles }))}.`);
      }
      await refused(fetch, `${part({ typ: "JWT" })}.${part(claims({ roles }))}.`);
      const [head, , signature] = good.split(".");
      await refused(fetch, `${head}.${part(claims({ roles: ["admin", "more"] }))}.${signature}`);
      await refused(fetch, good.slice(0, -2));
      for (const text of ["", "x", "a.b", "a.b.c", "..", "a.b.c.d", "%00", "x".repeat(5_000)]) {
        await refused(fetch, text);
      }
      const basic = await fetch(WHO, { headers: { authorization: "Basic YTpi" } });
      assertEquals((await problemIn(basic)).status, 401);
    },
  },
  {
    name: "asks callers without credentials for some",
    run: async (fetch) => {
      const answer = await fetch(WHO);
      assertEquals(answer.headers.get("www-authenticate"), "Bearer");
      assertEquals((await problemIn(answer)).code, "unauthenticated");
      assertEquals((await fetch("/v1/query?sql=SELECT%201")).status, 200);
    },
  },
  {
    name: "keeps a tenant within its walls",
    run: async (fetch) => {
      const statusOf = async (path: string, headers: Readonly<Record<string, string>>) => {
        const answer = await fetch(path, { headers });
        await answer.body?.cancel();
        return answer.status;
      };
      const url = "/v1/query?sql=SELECT%201";
      assertEquals(await statusOf(`${url}&tenant=acme`, as("acme")), 200);
      assertEquals(await statusOf(`${url}&tenant=rival`, as("acme")), 403);
      assertEquals(await statusOf(url, { ...as("acme"), "x-tenant": "rival" }), 403);
      assertEquals(await statusOf(`${url}&tenant=acme`, as("write")), 403);
      assertEquals(await statusOf(`${url}&tenant=acme`, {}), 403);
      assertEquals(await statusOf(`${url}&tenant=acme`, as("admin")), 200);
      const inBody = await fetch("/v1/query", post({ sql: "SELECT 1", tenant: "rival" }, as("acme")));
      assertEquals((await problemIn(inBody)).status, 403);
      const asAdmin = await fetch(`${WHO}?tenant=acme`, { headers: as("admin") });
      assertEquals((await asAdmin.json()).tenant, "acme");
    },
  },
  {
    name: "does not repeat secrets in problems",
    run: async (fetch) => {
      const token = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims())}.c2VjcmV0`;
      const text = await (await withToken(fetch, token)).text();
      assert(!text.includes(token) && !text.includes("c2VjcmV0"));
      const key = await fetch(WHO, { headers: { "x-api-key": "a-guessed-key" } });
      assert(!(await key.text()).includes("a-guessed-key"));
    },
  },
];
