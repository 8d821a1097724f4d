import { createRoot } from "react-dom/client";

import { App } from "./app";
import { giveStylesTheNonce } from "./shell/nonce";
import { isDark, keptTheme, paint } from "./shell/theme";
import { startWords } from "./words";

giveStylesTheNonce();
paint(isDark(keptTheme()));
void startWords().then(() => {
  const place = document.getElementById("console");
  if (place) createRoot(place).render(<App />);
});
