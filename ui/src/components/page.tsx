import { useMatch } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import type { Freshness } from '../api/freshness.ts'
import { AsOf } from './as-of.tsx'
import { titleOf } from './page-declaration.ts'

type PageProps = {
  /** What the tab is called, where it is not as the page's route declares it. */
  readonly title?: string | undefined
  /** Stands for the title where a page shows more than its name. */
  readonly heading?: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  /** What the page reflects; left out by pages that show nothing of the ledger. */
  readonly freshness?: Freshness | undefined
  readonly narrow?: boolean
  readonly children: ReactNode
}

/** The frame of every page: the title of the tab, one heading, what one can do here, and what the page reflects. */
export function Page({ title: ownTitle, heading, lead, actions, freshness, narrow = false, children }: PageProps) {
  const declared = useMatch({ strict: false, select: ({ staticData, params }) => titleOf(staticData, params) })
  const title = ownTitle ?? declared
  useEffect(() => {
    document.title = `${title} · MicroPay`
  }, [title])
  return (
    <div className={`mx-auto w-full ${narrow ? 'max-w-xl' : 'max-w-5xl'}`}>
      <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <h1 className="text-2xl font-bold tracking-tight break-words sm:text-[1.75rem]">{heading ?? title}</h1>
          {lead ? <p className="mt-1 text-ink-soft">{lead}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap gap-2 print:hidden">{actions}</div> : null}
      </header>
      {children}
      {freshness ? <AsOf freshness={freshness} /> : null}
    </div>
  )
}
