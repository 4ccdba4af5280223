import { buttonClass } from './button.tsx'

/** The view as a file, with the filters that it shows. */
export function CsvLink({ href }: { readonly href: string }) {
  return (
    <a href={href} download className={buttonClass('secondary')}>
      CSV file
    </a>
  )
}
