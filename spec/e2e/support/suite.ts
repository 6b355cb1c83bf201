import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { tail } from "./error_log.js";
import { startSite, type Site, type SiteOptions } from "./site.js";

/** What a single test may need. */
export interface TestOptions {
  /** Lines of nginx' error log that this test provokes on purpose, and that would fail any other test. */
  readonly allow?: readonly RegExp[];
  /** How long it may take, in milliseconds; 180,000 unless given. */
  readonly withinMs?: number;
}

/** Registers a test, whose name is a sentence that is true. */
export interface SiteTest<Name extends string> {
  (title: string, body: (site: Site<Name>, context: TestContext) => Promise<void>): void;
  (title: string, options: TestOptions, body: (site: Site<Name>, context: TestContext) => Promise<void>): void;
}

const WITHIN_MS = 180_000;

/**
 * Several tests on one site, which is started before the first and gone after the last. After each of them, and when
 * nginx has ended, the error log must hold no Lua error; a failing test shows the end of the error log.
 *
 * @param define registers the tests with the function it is given
 */
export function suite<Name extends string = never>(
  title: string,
  options: SiteOptions<Name>,
  define: (test: SiteTest<Name>) => void,
): void {
  describe(title, () => {
    let site: Site<Name> | undefined;
    before(async () => {
      site = await startSite(options);
    });
    after(async () => {
      assert.deepEqual(await site?.dispose(), [], "nginx' error log, at the end");
    });
    const register: SiteTest<Name> = (name: string, ...rest: [TestOptions, Body<Name>] | [Body<Name>]) => {
      const [testOptions, body] = rest.length === 2 ? rest : [{}, rest[0]];
      const timeout = testOptions.withinMs ?? WITHIN_MS;
      test(name, { timeout }, (context) => checked(site as Site<Name>, testOptions.allow, context, body));
    };
    define(register);
  });
}

/**
 * Runs `body` on a site of its own, for tests that need another nginx or Redis than their suite; its error log is
 * checked like any other.
 */
export async function withSite<Name extends string = never>(
  options: SiteOptions<Name> & Pick<TestOptions, "allow">,
  context: TestContext,
  body: (site: Site<Name>) => Promise<void>,
): Promise<void> {
  const site = await startSite(options);
  try {
    await checked(site, options.allow, context, body);
  } catch (error) {
    await site.dispose();
    throw error;
  }
  assert.deepEqual(await site.dispose(), [], "nginx' error log, at the end");
}

type Body<Name extends string> = (site: Site<Name>, context: TestContext) => Promise<void>;

async function checked<Name extends string>(
  site: Site<Name>,
  allowed: readonly RegExp[] | undefined,
  context: TestContext,
  body: Body<Name>,
): Promise<void> {
  try {
    await body(site, context);
    assert.deepEqual(site.newLuaErrors(allowed), [], "nginx' error log");
  } catch (error) {
    context.diagnostic(`the end of nginx' error log:\n${tail(site.nginx.errorLog())}`);
    throw error;
  } finally {
    site.newLuaErrors();
  }
}
