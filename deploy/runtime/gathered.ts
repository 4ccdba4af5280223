import type { Clock } from './clock.ts'

/**
 * Asks one question for all who want to know something in the same turn of the event loop. Each gets what the answers
 * say of his item, undefined where they say nothing, and all of them the error where there is no answer.
 */
export function gathered<Item, Answer>(
  clock: Pick<Clock, 'turn'>,
  ask: (items: readonly Item[]) => Promise<ReadonlyMap<Item, Answer>>,
): (item: Item) => Promise<Answer | undefined> {
  let gathering: { readonly items: Set<Item>; readonly answers: Promise<ReadonlyMap<Item, Answer>> } | undefined
  const begin = () => {
    const items = new Set<Item>()
    const answers = clock.turn().then(() => {
      gathering = undefined
      return ask([...items])
    })
    return { items, answers }
  }
  return async (item) => {
    gathering ??= begin()
    gathering.items.add(item)
    return (await gathering.answers).get(item)
  }
}
