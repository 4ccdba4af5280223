/** A command of a document as people type it, and the answer that stands below it. */
export type Example = {
  readonly line: number
  readonly command: string
  readonly status: number
  /** JSON in which `…` stands for what is left out. */
  readonly answer: string
}
export type Examples = {
  /** What sets the variables that the commands use. */
  readonly setup: string
  readonly examples: readonly Example[]
}

/**
 * The commands of a document and their answers. They are code blocks that are indented by four: one that begins with
 * `curl` is a command, and the next one its answer, the status and JSON; one that begins with a variable is the setup.
 */
export function examplesIn(markdown: string): Examples {
  const blocks = blocksOf(markdown)
  const setup = blocks.filter(({ text }) => /^[A-Z]+=/.test(text)).map(({ text }) => text)
  const examples = blocks.flatMap(({ line, text }, index) => {
    if (!text.startsWith('curl ')) return []
    const [, status, answer] = /^(\d{3}) (.*)$/s.exec(blocks[index + 1]?.text ?? '') ?? []
    if (answer === undefined) throw new Error(`line ${line}: no answer stands below the command`)
    return [{ line, command: text, status: Number(status), answer }]
  })
  return { setup: setup.join('\n'), examples }
}

function blocksOf(markdown: string): { line: number; text: string }[] {
  const blocks: { line: number; lines: string[] }[] = []
  let isOpen = false
  for (const [index, line] of markdown.split('\n').entries()) {
    const isCode = line.startsWith('    ')
    if (isCode && !isOpen) blocks.push({ line: index + 1, lines: [] })
    if (isCode) blocks.at(-1)?.lines.push(line.slice('    '.length))
    isOpen = isCode
  }
  return blocks.map(({ line, lines }) => ({ line, text: lines.join('\n') }))
}
