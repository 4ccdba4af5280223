/** Documents that are no line of ours, with what is wrong with each; undefined where the index takes it. */
export const strangeDocuments: readonly (readonly [title: string, document: object, why: string | undefined])[] = [
  ['a field that nobody named', { colour: 'red' }, 'colour: the mapping has no such field'],
  ['one below a name that is there', { 'micropay.colour': 'red' }, 'micropay.colour: the mapping has no such field'],
  ['the same, nested', { micropay: { colour: 'red' } }, 'micropay.colour: the mapping has no such field'],
  ['a text for an object', { service: 'gateway' }, 'service: is an object there'],
  ['an object for a text', { 'trace.id': { of: 1 } }, 'trace.id: keyword does not take {"of":1}'],
  ['a field of a text', { 'message.of': 'x' }, 'message: is no object there'],
  ['words for a number', { 'micropay.seq': 'many' }, 'micropay.seq: long does not take "many"'],
  [
    ...(['a number above 64 bits', { 'micropay.seq': '9223372036854775808' }] as const),
    'micropay.seq: long does not take "9223372036854775808"',
  ],
  [
    ...(['a day that is none', { '@timestamp': '2026-13-01T00:00:00Z' }] as const),
    '@timestamp: date does not take "2026-13-01T00:00:00Z"',
  ],
  ['words for a yes', { 'micropay.won': 'maybe' }, 'micropay.won: boolean does not take "maybe"'],
  ['a text for pairs', { 'micropay.other': 'x' }, 'micropay.other: flattened does not take "x"'],
  ['several values', { 'micropay.instances': ['a', 'b'] }, undefined],
  ['a number as text', { 'micropay.seq': '9223372036854775807' }, undefined],
  ['nothing for a value', { 'user.id': null }, undefined],
  ['what is nested', { service: { name: 'gateway' }, micropay: { other: { any: 'thing' } } }, undefined],
  ['what is too long to be searched for', { 'event.reason': 'x'.repeat(40_000) }, undefined],
  ['a stack of any length', { 'error.stack_trace': 'x'.repeat(40_000) }, undefined],
  ['pairs of any length', { 'micropay.other': { one: 'x'.repeat(40_000) } }, undefined],
]
