import { Menu } from '@base-ui/react/menu'
import { useRef, useState } from 'react'
import { problemOfError } from '../api/problem.ts'
import { logOut } from '../api/session.ts'
import { CheckIcon, UserIcon } from '../components/icons.tsx'
import { useToast } from '../components/toasts.tsx'
import { useServices, useSession } from '../services/app-context.ts'
import { chooseTheme, currentTheme, type Theme } from './theme.ts'

const item =
  'min-target flex w-full cursor-default items-center justify-between gap-6 rounded-lg px-3 text-sm ' +
  'outline-hidden select-none data-highlighted:bg-accent-wash'

const themes: readonly (readonly [Theme, string])[] = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['system', 'Like the system'],
]

/** Who is signed in, how the pages look, and the way out. */
export function UserMenu() {
  const session = useSession()
  const { client } = useServices()
  const toast = useToast()
  const inside = useRef<HTMLDivElement>(null)
  const [theme, setTheme] = useState(currentTheme)
  const leave = async () => {
    try {
      window.location.assign((await logOut(client)) ?? '/')
    } catch (error) {
      toast('You are still signed in', problemOfError(error).detail)
    }
  }
  return (
    <div ref={inside}>
      <Menu.Root>
        <Menu.Trigger
          aria-label={`Signed in as ${session.name}`}
          className="min-target flex max-w-56 items-center gap-2 rounded-lg px-2.5 text-sm font-medium hover:bg-sunken"
        >
          <span className="flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-wash text-accent">
            <UserIcon className="size-4.5" />
          </span>
          <span className="truncate max-sm:sr-only">{session.name}</span>
        </Menu.Trigger>
        <Menu.Portal container={inside}>
          <Menu.Positioner className="z-40 outline-hidden" sideOffset={6} align="end">
            <Menu.Popup className="w-64 rounded-xl border border-line bg-raised p-1.5 shadow-float outline-hidden">
              <div className="px-3 py-2">
                <p className="truncate font-semibold">{session.name}</p>
                <p className="truncate text-xs text-ink-soft">{session.subject}</p>
              </div>
              <Menu.Separator className="my-1 h-px bg-line" />
              <Menu.Group>
                <Menu.GroupLabel className="px-3 py-1 text-xs font-semibold text-ink-soft">Theme</Menu.GroupLabel>
                <Menu.RadioGroup
                  value={theme}
                  onValueChange={(chosen: Theme) => {
                    chooseTheme(chosen)
                    setTheme(chosen)
                  }}
                >
                  {themes.map(([value, name]) => (
                    <Menu.RadioItem key={value} value={value} className={item} closeOnClick={false}>
                      {name}
                      <Menu.RadioItemIndicator>
                        <CheckIcon className="size-4 text-accent" />
                      </Menu.RadioItemIndicator>
                    </Menu.RadioItem>
                  ))}
                </Menu.RadioGroup>
              </Menu.Group>
              <Menu.Separator className="my-1 h-px bg-line" />
              <Menu.Item className={item} onClick={leave}>
                Sign out
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}
