import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { CHAIN_START } from '@micropay/runtime/security-log/chain'
import { checkChain } from '@micropay/runtime/security-log/check-chain'
import { InputError } from '@micropay/sdk/input-error'

export type SecurityLogCheck = { readonly files: readonly string[]; readonly head: string | undefined }

/**
 * Says whether the lines of a security log are as they were written: files in the order in which they were, the oldest
 * first, and `head`, a hash that was kept elsewhere. True when they are.
 */
export async function checkSecurityLog(
  { files, head }: SecurityLogCheck,
  print: (line: string) => void,
): Promise<boolean> {
  const ends: { readonly path: string; readonly end: number }[] = []
  const checked = await checkChain(linesOf(files, ends), head)
  for (const { line, text } of checked.faults) print(`${placeOf(line, ends)}: ${text}`)
  if (checked.from === undefined) {
    print('there is no line of a security log in there')
    return false
  }
  if (checked.from.seq !== CHAIN_START.seq) print(`the lines up to ${checked.from.seq} are in an older file`)
  if (checked.hasWanted === false) print(`no line has the hash ${head}: lines are missing, or were written anew`)
  const isSound = checked.faults.length === 0 && checked.hasWanted !== false
  const count = `${checked.lines} lines, the last is ${checked.head.seq} with the hash ${checked.head.hash}`
  print(isSound ? `sound: ${count}` : `not sound: ${count}`)
  return isSound
}

async function* linesOf(files: readonly string[], ends: { path: string; end: number }[]): AsyncGenerator<string> {
  let end = 0
  for (const path of files) {
    const input = createReadStream(path)
    const failed = new Promise<never>((_resolve, reject) => {
      input.on('error', (cause) => reject(new InputError(`${path} cannot be read: ${cause.message}`, { cause })))
    })
    failed.catch(() => undefined)
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
    while (true) {
      const next = await Promise.race([lines.next(), failed])
      if (next.done) break
      end += 1
      yield next.value
    }
    ends.push({ path, end })
  }
}

function placeOf(line: number, ends: readonly { readonly path: string; readonly end: number }[]): string {
  const index = ends.findIndex(({ end }) => line <= end)
  return `${ends[index]?.path}:${line - (ends[index - 1]?.end ?? 0)}`
}
