/** Notes what is to be undone at the end, last first. */
export type Defer = (undo: () => Promise<unknown>) => void

type Scope = { end(): Promise<void> }

const openScopes: Scope[] = []
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Does some work and undoes what it left: at its end, when it fails, and on Ctrl-C or SIGTERM, which end the process
 * once everything is undone, in work around this one, too. A second Ctrl-C does not wait.
 */
export async function withCleanUp<Result>(work: (defer: Defer) => Promise<Result>): Promise<Result> {
  const stack = new AsyncDisposableStack()
  let ending: Promise<void> | undefined
  const scope: Scope = {
    end() {
      ending ??= stack.disposeAsync()
      return ending
    },
  }
  if (openScopes.push(scope) === 1) for (const signal of signals) process.once(signal, stop)
  try {
    return await work((undo) => {
      stack.defer(async () => {
        await undo()
      })
    })
  } finally {
    await scope.end()
    openScopes.splice(openScopes.indexOf(scope), 1)
    if (openScopes.length === 0) for (const signal of signals) process.off(signal, stop)
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const

function stop(signal: (typeof signals)[number]): void {
  process.stderr.write(`${signal}: stopping, and clearing up\n`)
  const undone = [...openScopes].reverse().reduce((before, scope) => {
    return before.then(() => scope.end()).catch((error: unknown) => console.error(error))
  }, Promise.resolve())
  undone.then(() => process.exit(exitCodes[signal]))
}
