import { parser } from '@prometheus-io/lezer-promql'

export type Selector = {
  readonly metric: string
  readonly labels: readonly string[]
  /** Whether it is asked over a range of time, as rates are. */
  readonly isRange: boolean
}
export type ReadQuery = {
  readonly selectors: readonly Selector[]
  /** The labels that it groups, joins or leaves out by. */
  readonly grouped: readonly string[]
}

/** Reads a query by Prometheus' own grammar; throws where it is none. */
export function readQuery(expr: string): ReadQuery {
  const selectors: { metric: string; labels: string[]; isRange: boolean }[] = []
  const grouped: string[] = []
  parser.parse(expr).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expr}`)
      const text = expr.slice(from, to)
      if (type.name === 'VectorSelector') {
        selectors.push({ metric: '', labels: [], isRange: node.parent?.name === 'MatrixSelector' })
      }
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') last(selectors).metric = text
      if (type.name === 'LabelName') {
        if (node.parent?.name === 'GroupingLabels') grouped.push(text)
        else last(selectors).labels.push(text)
      }
    },
  })
  return { selectors, grouped }
}

function last<Item>(items: readonly Item[]): Item {
  const item = items.at(-1)
  if (item === undefined) throw new Error('a label outside of a selector')
  return item
}
