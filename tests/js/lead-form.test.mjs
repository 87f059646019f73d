import assert from "node:assert/strict";
import test from "node:test";
import { CATALOGS } from "../../static/widget/lead-form.js";

test("the form speaks both languages completely", () => {
  assert.deepEqual(Object.keys(CATALOGS.ru), Object.keys(CATALOGS.en));
  for (const catalog of Object.values(CATALOGS)) for (const text of Object.values(catalog)) assert.ok(text.trim());
});
