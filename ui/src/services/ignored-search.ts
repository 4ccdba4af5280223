import { positionWords } from '../data/books/finance-search.ts'
import { amountsOrder, daysOrder } from '../data/search/ranges.ts'
import { daysWords, isAskable } from '../time/days.ts'

/** What an address asked for and got no answer to. */
export type Ignored = { readonly name: string; readonly value: string; readonly why: string | undefined }
export type IgnoredSearch = { readonly path: string; readonly parts: readonly Ignored[] }

type Search = Readonly<Record<string, unknown>>

type AddressReader = {
  readonly latestLocation: { readonly pathname: string; readonly search: Search }
  buildLocation(options: { to: string; search: true; params: true; _includeValidateSearch: true }): {
    readonly search: Search
  }
}

/**
 * What the page at the address that the browser came with does not read of it; to be asked before the router puts the
 * address right.
 */
export function ignoredAtStart(router: AddressReader): IgnoredSearch {
  const { pathname, search } = router.latestLocation
  const read = router.buildLocation({ to: pathname, search: true, params: true, _includeValidateSearch: true }).search
  return { path: pathname, parts: ignoredOf(search, read) }
}

export function ignoredOf(asked: Search, read: Search): Ignored[] {
  return (
    Object.entries(asked)
      // How much of a list is loaded is no condition: nothing is missing without it.
      .filter(([name, value]) => name !== 'pages' && value !== '' && read[name] === undefined)
      .map(([name, value]) => ({ name, value: String(value), why: whyOf(name, String(value)) }))
  )
}

function whyOf(name: string, value: string): string | undefined {
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)
  if (name === 'to' && isDay && isAskable(value)) return daysOrder
  if (name === 'maxAmount' && /^[1-9][0-9]{0,15}$/.test(value)) return amountsOrder
  return words[name]
}

const words: Readonly<Record<string, string>> = {
  position: positionWords,
  ...{ day: daysWords, from: daysWords, to: daysWords, on: daysWords },
  zone: 'A time zone has a name such as Europe/Amsterdam.',
  cursor: 'A list begins with its first page, and more is loaded from there.',
}
