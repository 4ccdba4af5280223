/** The partition that an account lives in, by docs/log-protocol.md: CRC-16/XMODEM of its placement key. */
export function homeOf(accountId: string, partitions: number): number {
  const key = /\{([^}]+)\}/.exec(accountId)?.[1] ?? accountId
  let crc = 0
  for (const byte of Buffer.from(key, 'ascii')) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return crc % partitions
}

/** Nobody opens one: it says what is on its way between two partitions. */
export function isTransit(accountId: string): boolean {
  return accountId.startsWith('transit/')
}

/** Of an id such as `pay-3-104` or `prp-3-17`. */
export function placeOf(id: string): { readonly partition: number; readonly seq: number } | undefined {
  const [, partition, seq] = /^[a-z]+-([0-9]+)-([0-9]+)$/.exec(id) ?? []
  return partition === undefined ? undefined : { partition: Number(partition), seq: Number(seq) }
}

/** The account whose partition decides a payment: the debited one whose id sorts first, or the first of all. */
export function firstDebited(legs: readonly { readonly account: string; readonly amount: string }[]): string {
  const debited = legs.filter(({ amount }) => amount.startsWith('-'))
  return (debited.length > 0 ? debited : legs).map(({ account }) => account).sort()[0] ?? ''
}

/** Of one position or of several, `0:91,3:1842`, each with its partition. */
export function positionsIn(text: string | undefined): readonly { readonly partition: number; readonly seq: number }[] {
  return (text ?? '').split(',').flatMap((each) => {
    const [, partition, seq] = /^([0-9]+):([0-9]+)$/.exec(each) ?? []
    return partition === undefined ? [] : [{ partition: Number(partition), seq: Number(seq) }]
  })
}
