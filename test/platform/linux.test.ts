// The Linux adapter passes the same suite as the virtual desktop, on a real Chromium and on real GTK dialogs.
import { runAcceptance } from './acceptance.ts';
import { CHROMIUM_CAN, ChromiumStage, GTK_CAN, GtkStage, startLab } from './linux-stage.ts';

runAcceptance('Chromium on X11', { can: CHROMIUM_CAN, start: async () => ChromiumStage.start(await startLab()) });
runAcceptance('GTK 3 on X11', { can: GTK_CAN, start: async () => new GtkStage(await startLab()) });
