import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { OpenAccount } from './api/account.ts'
import { SavePayee } from './api/payee.ts'
import { label, plainText, soughtLabel, soughtText, withoutHiding } from './text.ts'

const hiding = [
  ...[0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0xfeff],
]
const messageOf = (schema: z.ZodType, text: unknown) => schema.safeParse(text).error?.issues[0]?.message

for (const code of hiding) {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const character = String.fromCodePoint(code)
  test(`${name} is refused wherever it stands in a text, by its name and place`, () => {
    for (const schema of [label(100), plainText(100)]) {
      for (const [text, place] of [
        [`Invoice 17${character}`, 11],
        [`${character}Invoice 17`, 1],
        [`😀 ${character} paid`, 3],
        [character, 1],
      ] as const) {
        const expected = `must not hold characters that hide or reorder text: ${name} is character ${place}`
        assert.equal(messageOf(schema, text), expected, JSON.stringify(text))
      }
    }
  })

  test(`${name} may be searched for, and is left out of a text whose writer cannot be asked`, () => {
    for (const schema of [soughtLabel(100), soughtText(100)]) {
      assert.ok(schema.safeParse(`Invoice${character}17`).success)
    }
    const between = code === 0x2028 || code === 0x2029 || code === 0xfeff ? ' ' : ''
    assert.equal(withoutHiding(`Invoice${character}17`), `Invoice${between}17`)
  })

  test(`${name} is in no name of an account or a payee, and in no reason`, () => {
    const account = { type: 'customer', currency: 'EUR', owner: 'customer:ada', name: `Ada${character}` }
    assert.match(messageOf(OpenAccount, account) ?? '', new RegExp(RegExp.escape(name)))
    for (const alias of [`Ben${character}`, `${character}Ben`, `B${character}en`]) {
      assert.match(messageOf(SavePayee, { alias, accountId: 'ben' }) ?? '', new RegExp(RegExp.escape(name)))
    }
  })
}

test('what scripts, names and pictures need is kept', () => {
  const scripts = ['می‌خواهم', 'क्‍ष', '👩‍👩‍👧', 'שלום', 'Ærøskøbing']
  const others = ['❤️', 'Straße 5 – „Zur Post“', 'non breaking', '请付款']
  for (const text of [...scripts, ...others]) {
    assert.equal(label(100).parse(text), text)
    assert.equal(plainText(100).parse(text), text)
    assert.equal(withoutHiding(text), text)
  }
})

test('a name that nobody can see is none', () => {
  for (const text of ['\u200d', '\u200c\u200d', '\u3164', '\ufe0f', '\u00ad']) {
    assert.equal(messageOf(label(100), text), 'must hold something that can be seen')
    assert.equal(plainText(100).parse(text), text)
  }
  assert.match(messageOf(label(100), '   ') ?? '', />=1/)
})

test('a control character and a half of a character are told by name and place, too', () => {
  const expected = 'must not hold control characters or broken Unicode: '
  assert.equal(messageOf(label(100), 'rent\u0007'), `${expected}U+0007 is character 5`)
  assert.equal(messageOf(plainText(100), 'a\ud800b'), `${expected}U+D800 is character 2`)
  assert.equal(label(100).parse(' rent\n'), 'rent')
})
