import { z } from 'zod'

/** More pages than these are not asked for at once: each is a request of its own. */
const MOST_PAGES = 20

/** How many pages of a list are loaded, as it stands in the URL: nothing for the one that every list begins with. */
export function pagesInUrl(pages: number): string | undefined {
  return pages > 1 ? String(Math.min(pages, MOST_PAGES)) : undefined
}

const pages = z
  .string()
  .regex(/^[1-9][0-9]{0,5}$/)
  .transform((text) => pagesInUrl(Number(text)))
  .optional()
  .catch(undefined)

/** The search of a page with a list of which more can be loaded. */
export function listSearch<Shape extends z.core.$ZodShape>(search: z.ZodObject<Shape>) {
  return search.extend({ pages })
}

/**
 * What is asked for, apart from how much of it is loaded: that is no condition, and asking anew for each page would
 * load all of them again.
 */
export function withoutPages<Search extends { readonly pages?: string | undefined }>({
  pages: _pages,
  ...search
}: Search): Omit<Search, 'pages'> {
  return search
}

type Search = Readonly<Record<string, unknown>>
type Middleware = (step: { readonly search: Search; readonly next: (search: Search) => Search }) => Search

/** What may change without another list being asked for: `on` is the day of the balance above a statement. */
const besideTheList: ReadonlySet<string> = new Set(['pages', 'on'])

/** Of another list, filter or order, nothing is loaded yet: `pages` is dropped with any other change of the search. */
export const dropPages: Middleware = ({ search: before, next }) => {
  const after = next(before)
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const isSameList = keys.every((key) => besideTheList.has(key) || before[key] === after[key])
  return isSameList ? after : withoutPages(after)
}
