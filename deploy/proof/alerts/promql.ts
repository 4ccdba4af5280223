/** A metric in an expression of Prometheus, with the labels by which it is chosen. */
export type Selected = { readonly metric: string; readonly labels: readonly string[] }

const words = new Set(
  [
    ...['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset'],
    ...['sum', 'max', 'min', 'avg', 'count'],
  ].map(String),
)

/** The metrics of an expression; functions, keywords and the labels that stand in lists are none. */
export function metricsIn(expression: string): readonly Selected[] {
  const text = expression.replace(/#.*/g, '')
  const withoutLists = text.replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '$1')
  const found: Selected[] = []
  const pattern = /([a-zA-Z_:][\w:]*)\s*(\{(?:[^"}]|"[^"]*")*\})?(\[[^\]]*\])?(\s*\()?|"[^"]*"|[\d.]+[smhdwy]?/g
  for (const [, name, selector, , call] of withoutLists.matchAll(pattern)) {
    if (name === undefined || call !== undefined || words.has(name)) continue
    found.push({ metric: name, labels: labelsIn(selector ?? '') })
  }
  return found
}

function labelsIn(selector: string): readonly string[] {
  return [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(([, label = '']) => label)
}

/** The labels that are left of what `by` keeps, in any part of an expression. */
export function labelsKept(expression: string): readonly string[] {
  return [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  )
}
