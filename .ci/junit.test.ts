import assert from 'node:assert/strict'
import { test } from 'node:test'
import { junitXml } from './junit.ts'

test('outcomes are told a suite a file, with what would break the XML escaped', () => {
  const xml = junitXml([
    { file: 'a.test.ts', name: 'adds "1 < 2"', outcome: 'passed', durationMs: 1500, detail: '' },
    { file: 'b.test.ts', name: 'fails', outcome: 'failed', durationMs: 2, detail: 'a & b\u001b[31m\nat b.ts' },
    { file: 'a.test.ts', name: 'waits', outcome: 'skipped', durationMs: 0, detail: 'no file' },
  ])
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="a.test.ts" tests="2" failures="0" skipped="1">
<testcase classname="a.test.ts" name="adds &quot;1 &lt; 2&quot;" time="1.500"/>
<testcase classname="a.test.ts" name="waits" time="0.000"><skipped message="no file"/></testcase>
</testsuite>
<testsuite name="b.test.ts" tests="1" failures="1" skipped="0">
<testcase classname="b.test.ts" name="fails" time="0.002"><failure message="a &amp; b\ufffd[31m">a &amp; b\ufffd[31m
at b.ts</failure></testcase>
</testsuite>
</testsuites>
`,
  )
})
