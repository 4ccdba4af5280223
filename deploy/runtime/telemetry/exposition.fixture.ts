import assert from 'node:assert/strict'

export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export type Family = { readonly kind: string; readonly help: string; readonly samples: readonly Sample[] }

/**
 * The text format of Prometheus, version 0.0.4, as strictly as its documentation has it: a family stands together,
 * behind its help and its type, no series stands twice, and the buckets of a histogram add up.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const families = new Map<string, { kind: string; help: string; samples: Sample[] }>()
  const seen = new Set<string>()
  let current = ''
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line) ?? []
    if (word === 'HELP') {
      assert.ok(!families.has(name), `${name} stands together`)
      families.set(name, { kind: '', help: rest, samples: [] })
      current = name
    } else if (word !== undefined) {
      assert.equal(name, current, `of ${name} behind its help`)
      const family = families.get(name)
      if (word === 'TYPE' && family) family.kind = rest
    } else {
      const sample = sampleOf(line)
      const family = families.get(current)
      assert.ok(family?.kind && isOf(sample.name, current, family.kind), `${sample.name} stands behind its type`)
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      assert.ok(!seen.has(key), `${key} stands once`)
      seen.add(key)
      family.samples.push(sample)
    }
  }
  for (const [name, { kind, samples }] of families) if (kind === 'histogram') checkBuckets(name, samples)
  return families
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,(?!\})|(?=\})))*)\})? (\S+)$/

function sampleOf(line: string): Sample {
  const [, name = '', pairs = '', value = ''] = SAMPLE.exec(line) ?? assert.fail(`is no sample: ${line}`)
  const labels = Array.from(pairs.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label = '', text = '']) => {
    return [label, text.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped))] as const
  })
  assert.match(value, /^([+-]Inf|NaN|-?\d+(\.\d+)?(e[+-]?\d+)?)$/, line)
  return { name, labels: Object.fromEntries(labels), value: Number(value.replace('Inf', 'Infinity')) }
}

function isOf(sample: string, family: string, kind: string): boolean {
  return kind === 'histogram' ? /^(.*)_(bucket|sum|count)$/.exec(sample)?.[1] === family : sample === family
}

function checkBuckets(family: string, samples: readonly Sample[]): void {
  const bySet = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  for (const [set, own] of bySet) {
    const buckets = own.filter(({ name }) => name === `${family}_bucket`)
    const counts = buckets.map(({ value }) => value)
    assert.deepEqual(
      counts,
      counts.toSorted((one, other) => one - other),
      `${family} ${set} rises`,
    )
    assert.equal(buckets.at(-1)?.labels.le, '+Inf')
    assert.equal(counts.at(-1), own.find(({ name }) => name === `${family}_count`)?.value, `${family} ${set} adds up`)
    assert.ok(own.some(({ name }) => name === `${family}_sum`))
  }
}
