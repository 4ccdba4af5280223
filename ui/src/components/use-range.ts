import { useState } from 'react'

type Ends = Readonly<Record<string, string | undefined>>

/**
 * The two ends of a range, which are asked for only while they are in order: until then both wait as they were typed,
 * and the list below stays as it is. `onAsk` gets only what differs from what is asked for already.
 */
export function useRange<Range extends Ends>(
  asked: Range,
  isOrdered: (range: Range) => boolean,
  onAsk: (change: Partial<Range>) => void,
) {
  const [typed, setTyped] = useState(asked)
  const [before, setBefore] = useState(asked)
  // What is asked for was changed from elsewhere, or by us: it takes the place of what was typed.
  if (differences(before, asked).length > 0) {
    setBefore(asked)
    setTyped(asked)
  }
  const set = (change: Partial<Range>) => {
    const range = { ...typed, ...change }
    setTyped(range)
    if (isOrdered(range)) onAsk(Object.fromEntries(differences(asked, range)) as Partial<Range>)
  }
  return { typed, set, isInOrder: isOrdered(typed) }
}

/** What `next` has otherwise than `range`. */
function differences(range: Ends, next: Ends): [name: string, value: string | undefined][] {
  return Object.entries(next).filter(([name, value]) => range[name] !== value)
}
