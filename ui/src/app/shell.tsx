import { Link, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { Logo } from '../components/icons.tsx'
import { useLiveState, useSession } from '../services/app-context.ts'
import { placesFor } from './navigation.ts'
import { PhoneNavigation } from './phone-navigation.tsx'
import { PlaceLink } from './place-link.tsx'
import { UserMenu } from './user-menu.tsx'

/** The frame around every page: where one can go, who one is, and whether balances are live. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const places = placesFor(useSession())
  const main = useRef<HTMLElement>(null)
  useFocusOnArrival(main)
  return (
    <div className="min-h-dvh">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-3 font-semibold
          text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-surface print:hidden">
        <div className="mx-auto flex h-16 max-w-[84rem] items-center justify-between gap-4 px-4 sm:px-6">
          <Link
            to="/"
            className="min-target flex items-center gap-2.5 text-lg font-bold tracking-tight"
            aria-label="MicroPay, home"
          >
            <Logo /> MicroPay
          </Link>
          <div className="flex items-center gap-2">
            <LiveIndicator />
            <UserMenu />
          </div>
        </div>
      </header>
      <div className="mx-auto flex max-w-[84rem]">
        <nav
          aria-label="Main"
          className="sticky top-16 hidden h-[calc(100dvh-4rem)] w-60 shrink-0 p-4 lg:block print:hidden"
        >
          <ul className="space-y-1">
            {places.map((place) => (
              <li key={place.to}>
                <PlaceLink
                  place={place}
                  className="min-target flex items-center gap-3 rounded-lg px-3 text-sm font-medium text-ink-soft
                    hover:bg-sunken hover:text-ink aria-[current]:bg-accent-wash aria-[current]:font-semibold
                    aria-[current]:text-accent"
                />
              </li>
            ))}
          </ul>
        </nav>
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className="min-w-0 flex-1 px-4 pt-6 pb-28 sm:px-6 lg:px-8 lg:pt-8 lg:pb-12 print:p-0"
        >
          {children}
        </main>
      </div>
      <PhoneNavigation places={places} />
    </div>
  )
}

const liveWords = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const
const liveDots = { connecting: 'bg-line-strong', live: 'bg-good', lost: 'bg-warn' } as const

function LiveIndicator() {
  const state = useLiveState()
  if (!state) return null
  return (
    <p role="status" className="flex items-center gap-2 px-2 text-xs font-medium text-ink-soft">
      <span className={`size-2 rounded-full ${liveDots[state]}`} />
      {liveWords[state]}
    </p>
  )
}

/** After a move to another page the keyboard and the screen reader start at its beginning. */
function useFocusOnArrival(main: { readonly current: HTMLElement | null }) {
  const path = useLocation({ select: (location) => location.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true })
    before.current = path
  }, [path, main])
}
