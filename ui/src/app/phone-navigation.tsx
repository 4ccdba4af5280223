import { Menu } from '@base-ui/react/menu'
import { useLocation } from '@tanstack/react-router'
import { useRef } from 'react'
import { MoreIcon } from '../components/icons.tsx'
import type { Place } from './navigation.ts'
import { PlaceLink } from './place-link.tsx'

/** So many fit beside each other with their whole names. */
const MOST = 5

const shape =
  'flex h-16 w-full flex-col items-center justify-center gap-1 text-[0.6875rem] font-medium text-ink-soft ' +
  '-outline-offset-2 aria-[current]:text-accent aria-[current]:shadow-[inset_0_2px_0]'

/** The places at the foot of a narrow screen, the most used ones; the rest stands behind the last. */
export function PhoneNavigation({ places }: { readonly places: readonly Place[] }) {
  const shown = places.length <= MOST ? places : places.slice(0, MOST - 1)
  const more = places.slice(shown.length)
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)]
        lg:hidden print:hidden"
    >
      <ul className="mx-auto flex max-w-lg">
        {shown.map((place) => (
          <li key={place.to} className="min-w-0 flex-1">
            <PlaceLink place={place} className={shape} />
          </li>
        ))}
        {more.length > 0 ? (
          <li className="min-w-0 flex-1">
            <MoreMenu places={more} />
          </li>
        ) : null}
      </ul>
    </nav>
  )
}

function MoreMenu({ places }: { readonly places: readonly Place[] }) {
  const inside = useRef<HTMLDivElement>(null)
  const path = useLocation({ select: ({ pathname }) => pathname })
  const current = places.some(({ to }) => path.startsWith(to))
  return (
    <div ref={inside}>
      <Menu.Root>
        <Menu.Trigger className={shape} aria-current={current || undefined}>
          <MoreIcon />
          More
        </Menu.Trigger>
        <Menu.Portal container={inside}>
          <Menu.Positioner className="z-40 outline-hidden" side="top" sideOffset={6} align="end">
            <Menu.Popup className="w-56 rounded-xl border border-line bg-raised p-1.5 shadow-float outline-hidden">
              {places.map((place) => (
                <Menu.Item
                  key={place.to}
                  render={
                    <PlaceLink
                      place={place}
                      className="min-target flex items-center gap-3 rounded-lg px-3 text-sm outline-hidden select-none
                        aria-[current]:font-semibold aria-[current]:text-accent data-highlighted:bg-accent-wash"
                    />
                  }
                />
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}
