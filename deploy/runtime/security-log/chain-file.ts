import { type FileHandle, open, stat } from 'node:fs/promises'
import { CHAIN_START, type ChainHead, readChainLine } from './chain.ts'

/** The file that a chain stands in, as one process has it open. */
export type ChainFile = {
  /** Where the chain goes on from, and why another process, or this one, begins to write here. */
  readonly head: ChainHead
  readonly isTorn: boolean
  /** Writes it all and has the disk keep it. Rejects when it could not, and nothing more may be written here then. */
  append(text: string): Promise<void>
  /** What happened to the file since it was written last, that was not of this process. */
  fate(): Promise<'ours' | 'moved' | 'changed'>
  close(): Promise<void>
}

/** A line has at most some 2 KiB. */
const TAIL_BYTES = 64 * 1024

/**
 * Opens the file of a chain, or begins it, 0600. A file without a line of a chain that does not begin with `head`, the
 * head of the file before it where there was one, is none: throws rather than mixing it with something else.
 */
export async function openChainFile(path: string, head: ChainHead = CHAIN_START): Promise<ChainFile> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size, ino } = await file.stat()
    const end = size === 0 ? { head, isTorn: false, isMidLine: false } : await readEnd(file, size, path)
    return writer(path, file, { ...end, ino, size })
  } catch (error) {
    await file.close()
    throw error
  }
}

type End = { readonly head: ChainHead; readonly isTorn: boolean; readonly isMidLine: boolean }

async function readEnd(file: FileHandle, size: number, path: string): Promise<End> {
  const from = Math.max(0, size - TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
  const text = buffer.toString('utf8', 0, bytesRead)
  const lines = text.split('\n')
  const isMidLine = lines.at(-1) !== ''
  if (!isMidLine) lines.pop()
  let isTorn = false
  for (const line of lines.reverse()) {
    const read = readChainLine(line)
    if (typeof read === 'object') return { head: { seq: read.seq, hash: read.hash }, isTorn, isMidLine }
    isTorn = true
  }
  throw new Error(`${path} holds no line of a security log: name another file`)
}

function writer(
  path: string,
  file: FileHandle,
  begun: End & { readonly ino: number; readonly size: number },
): ChainFile {
  let size = begun.size
  let isMidLine = begun.isMidLine
  return {
    head: begun.head,
    isTorn: begun.isTorn,
    async append(text) {
      const bytes = Buffer.from(isMidLine ? `\n${text}` : text)
      await file.appendFile(bytes)
      await file.datasync()
      isMidLine = false
      size += bytes.byteLength
    },
    async fate() {
      const found = await stat(path).catch(() => undefined)
      if (found?.ino !== begun.ino) return 'moved'
      return found.size === size ? 'ours' : 'changed'
    },
    close: () => file.close(),
  }
}
