import type { CommandResult } from '@micropay/write-side/handle/command'

/** Nothing that is said later contradicts it. */
export function isFinal(result: CommandResult): boolean {
  if (result.kind !== 'accepted' || !('status' in result.answer)) return true
  return result.answer.status !== 'pending' && result.answer.status !== 'closing'
}
