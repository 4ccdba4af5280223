import { suspenseOf } from './suspense.ts'

/**
 * Names the rule in a genesis record: another rule would put accounts elsewhere, so a process with another refuses to
 * start.
 */
export const PLACEMENT = 'hash-tag/crc16-xmodem/modulo'

/**
 * The partition that an account lives in: CRC16 of its placement key, modulo the number of partitions. A suspense
 * account names its own.
 */
export function partitionOf(accountId: string, partitions: number): number {
  if (partitions === 1) return 0
  const named = suspenseOf(accountId)?.partition
  return named !== undefined && named < partitions ? named : crc16(placementKeyOf(accountId)) % partitions
}

/** The part in `{braces}`, or else the whole id (the Redis Cluster hash-tag rule). */
export function placementKeyOf(accountId: string): string {
  const open = accountId.indexOf('{')
  const close = accountId.indexOf('}', open + 1)
  return open >= 0 && close > open + 1 ? accountId.slice(open + 1, close) : accountId
}

/** CRC-16/XMODEM (polynomial 0x1021, start 0) over the characters' codes: ids are ASCII. */
export function crc16(text: string): number {
  let crc = 0
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index) << 8
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc
}
