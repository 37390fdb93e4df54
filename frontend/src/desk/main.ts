// What makes the plain pages quicker: parts swapped in place (htmx), a word when something new came in, and drafts.
import "htmx.org";
import { keepDrafts } from "./drafts";
import { listenToKeys } from "./keys";
import { listen } from "./news";

keepDrafts(document);
listen(document.body);
listenToKeys(document);
