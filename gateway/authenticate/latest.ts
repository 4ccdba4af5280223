/** Remembers the latest few thousand, so that what is sent with every request is worked out once. */
export function createLatest<Value>(most = 5000) {
  const known = new Map<string, Value>()
  return {
    get: (key: string) => known.get(key),
    set: (key: string, value: Value) => {
      if (known.has(key)) return
      const oldest = known.keys().next().value
      if (known.size >= most && oldest !== undefined) known.delete(oldest)
      known.set(key, value)
    },
  }
}
