# docker build -t chirocalc . && docker run --rm -p 8501:8501 chirocalc
FROM python:3.13-slim

RUN useradd --create-home app
WORKDIR /app

COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py codes.csv ./
COPY .streamlit .streamlit
COPY pages pages
COPY chirocalc chirocalc

# The tables stay root's: the app only reads them.
USER app
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
