import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareNames, type Nearness } from './compare-names.ts'

const cases: readonly (readonly [outcome: Nearness, asked: string, held: string, why: string])[] = [
  ['match', 'Ada Lovelace', 'Ada Lovelace', 'the same'],
  ['match', 'ADA  lovelace ', 'Ada Lovelace', 'case and spaces'],
  ['match', 'Lovelace, Ada', 'Ada Lovelace', 'the order of words'],
  ['match', 'Zoe\u0308 Muller', 'Zoë Müller', 'accents, however they are encoded'],
  ['match', 'Mueller', 'Müller', 'an umlaut that is spelled out'],
  ['match', 'Müller', 'Mueller', 'and the other way round'],
  ['match', 'Straße', 'STRASSE', 'a letter that is two in capitals'],
  ['match', 'Jorgen Aero', 'Jørgen Ærø', 'letters that are no other one with a mark'],
  ['match', 'Joergen Aeroe', 'Jørgen Ærø', 'and how they are spelled out'],
  ['match', 'Lukasz', 'Łukasz', 'a stroke'],
  ['match', 'ＡＤＡ', 'Ada', 'wide letters'],
  ['match', 'Dr. Ada Lovelace', 'Mrs Ada Lovelace', 'titles'],
  ['match', 'Herr', 'Herr', 'a title that is all there is'],
  ['match', "O'Neil", 'O’Neil', 'apostrophes'],
  ['match', 'ONeil & Sons', "O'Neil Sons", 'punctuation'],
  ['match', 'Anne Marie Smith', 'Anne-Marie Smith', 'hyphens'],
  ['match', 'Mc Donald', 'McDonald', 'what is written as one word'],
  ['match', 'J R R Tolkien', 'J.R.R. Tolkien', 'initials with dots'],
  ['match', 'ΟΔΥΣΣΕΥΣ', 'Οδυσσεύς', 'another alphabet'],
  ['match', '李雷', '李雷', 'one without spaces'],
  ['match', 'Unit 1', 'unit 1', 'a number'],
  ['close', 'Ada Lovelaec', 'Ada Lovelace', 'two letters that changed places'],
  ['close', 'Ada Lovlace', 'Ada Lovelace', 'a letter that is missing'],
  ['close', 'Ida Lovelace', 'Ada Lovelace', 'another letter'],
  ['close', 'Zda Lovelace', 'Ada Lovelace', 'another letter, by which the words would be ordered otherwise'],
  ['close', 'Bem Frenklin', 'Ben Franklin', 'two letters of eleven'],
  ['close', 'Anna', 'Anne', 'one of four'],
  ['close', 'Lovelace', 'Ada Lovelace', 'a part of the words'],
  ['close', 'Ada King Lovelace', 'Ada Lovelace', 'more words than there are'],
  ['close', 'A. Lovelace', 'Ada Lovelace', 'an initial'],
  ['none', 'Ben Franklin', 'Ada Lovelace', 'another name'],
  ['none', 'Jen', 'Ben', 'one letter of three'],
  ['none', 'Anka', 'Anne', 'two letters of four'],
  ['none', 'Bem Frenklyn', 'Ben Franklin', 'three letters of eleven'],
  ['none', 'A. L.', 'Ada Lovelace', 'initials alone'],
  ['none', 'A', 'Ada Lovelace', 'one initial'],
  ['none', 'Unit 1', 'Unit 2', 'another number'],
  ['none', 'Unit 1', 'Unit 12', 'a number that begins alike'],
  ['none', '7', 'Unit 7', 'one digit of it'],
  ['none', 'राम', 'रम', 'vowels that are written as marks'],
  ['none', 'かが', 'かか', 'marks that make another letter'],
  ['none', 'Ada', '', 'an account without a name'],
  ['none', '...', 'Ada', 'nothing but punctuation'],
  ['none', '...', '---', 'on both sides'],
]
for (const [outcome, asked, held, why] of cases) {
  test(`${asked} is ${outcome} of ${held || 'no name'}: ${why}`, () => {
    assert.equal(compareNames(asked, held), outcome)
    assert.equal(compareNames(held, asked), outcome, 'from the other side, too')
  })
}

test('who types a list of words hears of none, whoever is among them', () => {
  for (const list of ['Ben Ada Chloe Lovelace Martin', 'Ben Dr. Ada Chloe Franklin Lovelace Martin Smith']) {
    assert.equal(compareNames(list, 'Ada Lovelace'), 'none', list)
  }
  assert.equal(compareNames('Ada Augusta King Lovelace', 'Ada Lovelace'), 'close', 'two words more')
  assert.equal(compareNames('Ada Augusta King Byron Lovelace', 'Ada Lovelace'), 'none', 'three words more')
  assert.equal(compareNames('A B C D Motors', 'ABCD Motors'), 'match', 'the same letters')
  assert.equal(compareNames('Lovelace', 'Ada Augusta King Byron Lovelace'), 'close', 'fewer than there are')
})

test('names of the greatest length are compared, too', () => {
  assert.equal(compareNames('ab'.repeat(50), 'ba'.repeat(50)), 'close')
  assert.equal(compareNames('a b '.repeat(25), 'c d '.repeat(25)), 'none')
})
