import type { Scope, Session } from '@micropay/schemas/api/token'
import type { placeIcons } from './icons.tsx'

/**
 * What a page says of itself beside its address, as `staticData` of its route: everything else that knows pages reads
 * it there.
 */
export type PageDeclaration = {
  /**
   * The name of the tab, and the heading where the page has no other. `$accountId` stands for what the address has
   * there.
   */
  readonly title: string
  readonly readers: Readers | 'everybody'
  /** Left out by pages that others lead to. */
  readonly menu?: MenuEntry
}

/** Who may open a page: whoever has one of the scopes, and how those people are called. */
export type Readers = { readonly scopes: readonly Scope[]; readonly isFor: string }

export type MenuEntry = {
  readonly name: string
  readonly icon: keyof typeof placeIcons
  /** One that reports by days; the time zone that was chosen for one of them stays on the way to the next. */
  readonly hasZone?: true
  /** Says beside its name how many proposals of others wait. */
  readonly countsApprovals?: true
  /** Whom it is shown to, where that is not everybody who may open the page. */
  readonly isFor?: (session: Session) => boolean
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption extends PageDeclaration {}
}

/** The title of the page at an address. */
export function titleOf({ title }: Pick<PageDeclaration, 'title'>, params: Readonly<Record<string, unknown>>): string {
  return title.replaceAll(/\$(\w+)/g, (_, name: string) => String(params[name] ?? ''))
}
