/** The position that a person means by `pay-0-1842`, `0:1842` or `1842`; undefined when it is none of these. */
export function positionOf(text: string): string | undefined {
  const match = /^(?:pay-)?(?:([0-9]{1,5})[-:])?([0-9]{1,15})$/.exec(text.trim())
  if (!match?.[2] || Number(match[2]) < 1) return undefined
  return `${Number(match[1] ?? 0)}:${Number(match[2])}`
}

/** The position so many places before or behind another on its partition; undefined before the first. */
export function neighbour(position: string, by: -1 | 1): string | undefined {
  const [partition = '0', seq = '1'] = position.split(':')
  const there = Number(seq) + by
  return there < 1 ? undefined : `${partition}:${there}`
}
