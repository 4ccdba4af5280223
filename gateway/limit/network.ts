import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whom an address is of: of IPv6 its /64, which one subscriber has to himself, so that the many addresses in it count
 * as one; of IPv4, also written as IPv6, the address itself.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (!isIPv6(bare)) return bare
  const [before = '', after] = bare.toLowerCase().split('::')
  const head = groupsOf(before)
  const tail = groupsOf(after ?? '')
  const between = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0')
  const first = [...head, ...between, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${first.join(':')}::/64`
}

/** An IPv4 address at the end stands for two groups, whose values say nothing of the /64. */
function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
}
