import { Link, type LinkProps, useLocation } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { placeIcons } from '../components/icons.tsx'
import type { Place } from './navigation.ts'

type PlaceLinkProps = { readonly place: Place } & Omit<ComponentProps<'a'>, keyof LinkProps>

/** The way to a place; the reporting time zone that was chosen goes along to those that have one. */
export function PlaceLink({ place, ...rest }: PlaceLinkProps) {
  const { to, name, icon, hasZone = false } = place
  const IconOfPlace = placeIcons[icon]
  const zone = useLocation({ select: ({ search }) => ('zone' in search ? search.zone : undefined) })
  return (
    <Link
      {...rest}
      to={to}
      search={hasZone && zone !== undefined ? { zone } : {}}
      activeOptions={{ exact: to === '/', includeSearch: false }}
    >
      <IconOfPlace />
      <span className="max-w-full truncate">{name}</span>
    </Link>
  )
}
