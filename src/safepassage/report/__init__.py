"""Values to documents. A plan as a page, its pictures as SVG and PNG, and the figures behind them."""

from safepassage.report.consents import consents_svg as consents_svg
from safepassage.report.curves import balance_svg as balance_svg
from safepassage.report.curves import people_out_svg as people_out_svg
from safepassage.report.days import convoys_svg as convoys_svg
from safepassage.report.days import roads_svg as roads_svg
from safepassage.report.drawing import png as png
from safepassage.report.futures import compare_document as compare_document
from safepassage.report.futures import compare_numbers as compare_numbers
from safepassage.report.futures import fan_svg as fan_svg
from safepassage.report.futures import frontier_svg as frontier_svg
from safepassage.report.futures import levers_document as levers_document
from safepassage.report.futures import levers_numbers as levers_numbers
from safepassage.report.futures import levers_svg as levers_svg
from safepassage.report.futures import stress_document as stress_document
from safepassage.report.futures import stress_numbers as stress_numbers
from safepassage.report.loads import crossings_svg as crossings_svg
from safepassage.report.loads import fleets_svg as fleets_svg
from safepassage.report.plan import plan_html as plan_html
from safepassage.report.price import Price as Price
from safepassage.report.price import price_svg as price_svg
from safepassage.report.theatre import map_svg as map_svg
