// What makes the plain pages quicker: parts swapped in place (htmx), and a word when something new came in.
import "htmx.org";
import { listenToKeys } from "./keys";
import { listen } from "./news";

listen(document.body);
listenToKeys(document);
