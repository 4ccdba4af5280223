import type { Session } from '@micropay/schemas/api/token'
import type { MenuEntry } from '../components/page-declaration.ts'
import { isKeptFor } from './routes/readers.ts'
import { type PagePath, pages } from './routes/tree.ts'

/** A page that can be gone to from everywhere; its address names nothing. */
export type PlacePath = Exclude<PagePath, `${string}$${string}`>
export type Place = MenuEntry & { readonly to: PlacePath }

/** Where this person may go, most used first. */
export function placesFor(session: Session): Place[] {
  return pages.flatMap((page) => {
    const { path, menu } = page
    if (menu === undefined || isKeptFor(session, page) !== undefined) return []
    return isPlace(path) && (menu.isFor?.(session) ?? true) ? [{ ...menu, to: path }] : []
  })
}

/** The first page after signing in; `/` is a customer's. */
export function homeOf(session: Session): PlacePath {
  return placesFor(session)[0]?.to ?? '/'
}

function isPlace(path: PagePath): path is PlacePath {
  return !path.includes('$')
}
