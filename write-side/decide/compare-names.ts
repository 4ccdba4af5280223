/** How near a name is to the one that an account is held under. */
export type Nearness = 'match' | 'close' | 'none'

/**
 * The rule of docs/money.md, on which what people were told depends: another rule comes with another generation. Pure,
 * and the same from both sides, but for
 * a list of words that was typed.
 */
export function compareNames(asked: string, held: string): Nearness {
  const [one, other] = [wordsIn(asked), wordsIn(held)]
  if (one.length === 0 || other.length === 0) return 'none'
  const spelled = [wordsIn(spelledOut(asked)), wordsIn(spelledOut(held))] as const
  if (isSame(one, other) || isSame(spelled[0], other) || isSame(one, spelled[1])) return 'match'
  if (one.length > other.length + MOST_WORDS_MORE) return 'none'
  return isPart(one, other) || isPart(other, one) || isMistyped(one, other) ? 'close' : 'none'
}

/** Who types more is not naming a person, but trying a list of words on whom they do not know. */
const MOST_WORDS_MORE = 2

type Words = readonly string[]

const diacritics = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u064b-\u0655\u0670]/gu
/** Stands inside a word, or behind its short form. */
const within = /['’ʼ‘`´.]/gu
const between = /[^\p{L}\p{M}\p{N}]+/u
const titles = new Set([
  ...['mr', 'mrs', 'ms', 'miss', 'mx', 'sir', 'dr', 'doctor', 'prof', 'professor', 'herr', 'frau', 'dhr', 'mevr'],
  ...['mevrouw', 'monsieur', 'madame', 'mme', 'mademoiselle', 'mlle', 'senor', 'senora', 'senorita', 'sra', 'srta'],
  ...['signor', 'signora', 'dott'],
])
/** Letters that are no other letter with a mark, as people write them without. */
const undivided: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', æ: 'ae', œ: 'oe', þ: 'th' },
}
const spellings: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }

/** Small letters; upper case first, since ß has no other one than SS. */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC')
}

function spelledOut(text: string): string {
  return folded(text).replace(/[äöüåø]/gu, (letter) => spellings[letter] ?? letter)
}

/** Without marks, punctuation and titles; a name that is nothing but a title keeps it. */
function wordsIn(text: string): Words {
  const plain = folded(text)
    .normalize('NFKD')
    .replace(diacritics, '')
    .normalize('NFC')
    .replace(/[øłđðħıæœþ]/gu, (letter) => undivided[letter] ?? letter)
    .replace(within, '')
  const words = plain.split(between).filter(Boolean)
  const named = words.filter((word) => !titles.has(word))
  return named.length > 0 ? named : words
}

/** The same words in any order, or the same letters whatever is written as one word. */
function isSame(one: Words, other: Words): boolean {
  return one.join('') === other.join('') || one.toSorted().join(' ') === other.toSorted().join(' ')
}

/** All words of the one are among the other's, an initial for a word that begins with it, and one of them whole. */
function isPart(part: Words, whole: Words): boolean {
  const left = [...whole]
  let isAnyWhole = false
  for (const word of part.toSorted((a, b) => b.length - a.length)) {
    const index = left.findIndex((each) => each === word || (isInitial(word) && each.startsWith(word)))
    if (index < 0) return false
    isAnyWhole ||= left[index] === word && [...word].length > 1
    left.splice(index, 1)
  }
  return isAnyWhole
}

function isInitial(word: string): boolean {
  return /^\p{L}$/u.test(word)
}

/** One letter in four to seven is another, missing, too many or changed places with the next, two in more. */
function isMistyped(one: Words, other: Words): boolean {
  if (digitsIn(one) !== digitsIn(other)) return false
  const length = Math.min([...one.join('')].length, [...other.join('')].length)
  const most = length < 4 ? 0 : length < 8 ? 1 : 2
  return (
    distance(one.join(' '), other.join(' ')) <= most ||
    distance(one.toSorted().join(' '), other.toSorted().join(' ')) <= most
  )
}

/** A number is no slip of the pen: unit 1 is not unit 2. */
function digitsIn(words: Words): string {
  return words.join('').replace(/[^\p{N}]+/gu, '')
}

/** Optimal string alignment: the fewest letters inserted, left out, replaced or changed with the next one. */
function distance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]]
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.entries()) {
    const next = [i + 1]
    for (const [j, against] of b.entries()) {
      const replaced = at(row, j) + (letter === against ? 0 : 1)
      const swapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === against ? at(before, j - 1) + 1 : replaced
      next.push(Math.min(at(row, j + 1) + 1, at(next, j) + 1, replaced, swapped))
    }
    before = row
    row = next
  }
  return at(row, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
