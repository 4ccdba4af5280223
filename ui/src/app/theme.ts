/** The theme that a person chose; `system` follows the device. `public/theme.js` applies it before the first paint. */
export type Theme = 'light' | 'dark' | 'system'

const STORED_AS = 'micropay.theme'

export function currentTheme(): Theme {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(STORED_AS)
    else localStorage.setItem(STORED_AS, theme)
  } catch {
    // Where storage is forbidden the choice holds until the page is left.
  }
}
