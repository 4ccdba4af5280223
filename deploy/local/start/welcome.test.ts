import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personas } from '../issuer/personas.ts'
import { welcomeText } from './welcome.ts'

test('everybody who can sign in is named, so that two can be found for what needs two', () => {
  const text = welcomeText({
    ...{ url: 'http://localhost:4100', issuer: 'http://localhost:4101', logText: 'memory', took: '3 s' },
    ...{ seeded: undefined, hasExamples: false, logDirectory: '/tmp/logs' },
    stops: { isServed: true, lines: [] },
  })
  for (const { name } of personas) assert.ok(text.includes(name.split(' ')[0] ?? name), name)
})
