import type { CommandResult } from '@micropay/write-side/handle/command'

/** Nothing that is said later contradicts it. */
export function isFinal(result: CommandResult): boolean {
  return result.kind !== 'accepted' || !('status' in result.answer && result.answer.status === 'pending')
}
