"""The only place in the package with Streamlit and Altair: what pages share, and each page."""
