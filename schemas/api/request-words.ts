/**
 * What a schema says against a member of a request, as an instruction: zod's own sentences say what it expected of a
 * value, which tells people nothing of what to do. What our schemas say themselves stays as it is.
 */
export function requestWords(message: string): string {
  for (const [pattern, words] of sentences) {
    const found = pattern.exec(message)
    if (found) return words(found[1] ?? '', found[2] ?? '')
  }
  return message
}

type Words = (first: string, second: string) => string

const sentences: readonly (readonly [RegExp, Words])[] = [
  [
    /^Unrecognized keys?: (.*)$/,
    (names) => `${names} ${names.includes(', ') ? 'are' : 'is'} not known here: see /openapi.json`,
  ],
  [/^Invalid input: expected \w+, received undefined$/, () => 'is missing'],
  [/^Invalid input: expected int, received number$/, () => 'must be a whole number'],
  [/^Invalid input: expected (\w+), received (\w+)$/, (type, other) => `must be ${kindOf(type)}, not ${kindOf(other)}`],
  [/^Invalid input: expected (".*"|-?\d+)$/, (value) => `must be ${value}`],
  [/^Invalid option: expected one of (.*)$/, (values) => `must be one of ${values.replaceAll('|', ', ')}`],
  [/^Invalid ISO date$/, () => 'must be a day, such as 2026-03-01'],
  [/^Too small: expected (?:string|array) to have >=1 (?:character|item)s?$/, () => 'must not be empty'],
  [
    /^Too (?:small|big): expected \w+ to have exactly (\d+) (\w+)$/,
    (count, what) => `must have exactly ${count} ${what}`,
  ],
  [/^Too small: expected \w+ to have >=(\d+) (\w+)$/, (count, what) => `must have at least ${count} ${what}`],
  [/^Too big: expected \w+ to have <=(\d+) (\w+)$/, (count, what) => `must have at most ${count} ${what}`],
  [/^Too small: expected \w+ to be >=(.*)$/, (least) => `must be at least ${least}`],
  [/^Too small: expected \w+ to be >(.*)$/, (bound) => `must be more than ${bound}`],
  [/^Too big: expected \w+ to be <=(.*)$/, (most) => `must be at most ${most}`],
  [/^Too big: expected \w+ to be <(.*)$/, (bound) => `must be less than ${bound}`],
]

const kinds: Readonly<Record<string, string>> = {
  ...{ string: 'a string', number: 'a number', int: 'a whole number', boolean: 'true or false' },
  ...{ object: 'an object', array: 'an array', record: 'an object' },
}

/** A type of JSON with its article; what has none stays as it is, such as null. */
function kindOf(type: string): string {
  return kinds[type] ?? type
}
